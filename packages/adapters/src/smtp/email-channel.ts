import { DeliveryError, type Notification, type NotificationChannel } from '@scarmonit/core/ports/notifier';
import { readSmtpUrl, type SmtpServer } from './read-smtp-url.ts';

export interface EmailParts {
  /** `smtps://user:password@host:465`, or `smtp://…:587`, which is encrypted by STARTTLS. */
  readonly url: string;
  readonly from: string;
  readonly to: readonly string[];
}

const timeoutMs = 10_000;

/**
 * Sends notifications as plain text by SMTP (RFC 5321), encrypted unless the server is on this machine.
 * @throws SmtpUrlError
 */
export function createEmailChannel({ url, from, to }: EmailParts): NotificationChannel {
  const server = readSmtpUrl(url);
  let opened: ReturnType<typeof openTransport> | undefined;
  return {
    kind: 'email',
    target: to.join(', '),
    isForPeople: true,
    close: async () => (await opened)?.close(),
    async deliver(notification, signal) {
      opened ??= openTransport(server);
      const transport = await opened;
      const refused = await transport.sendMail({ from, to: [...to], signal, ...toMail(notification) }).then(
        ({ rejected }) => rejected,
        (error: unknown) => {
          throw new Error(describeFailure(error), { cause: error });
        },
      );
      if (refused.length === 0) return;
      // Those who got it would get it again.
      const details = { isFinal: true, retryAfterMs: 0 };
      throw new DeliveryError(`${server.host} refused ${refused.length} of ${to.length} recipients`, details);
    },
  };
}

/** Imported for the first mail: most starts send none. */
async function openTransport({ host, port, isImplicitTls, isLoopback, auth }: SmtpServer) {
  const { createTransport } = await import('nodemailer');
  return createTransport({
    host,
    port,
    secure: isImplicitTls,
    requireTLS: !isImplicitTls && !isLoopback,
    ignoreTLS: isLoopback,
    ...(auth === undefined ? {} : { auth }),
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
}

/** Mail about one alert is one thread; a message that comes twice has the same id both times. */
function toMail({ id, summary, data, createdAt }: Notification): {
  readonly subject: string;
  readonly text: string;
  readonly messageId: string;
  readonly date: Date;
  readonly headers: Readonly<Record<string, string>>;
} {
  const { alertId, title, state, severity, advice, rule } = data;
  const isAlert = typeof alertId === 'string';
  const subject = isAlert ? `[${state === 'resolved' ? 'resolved' : severity}] ${title}` : summary;
  const lines = isAlert ? [data.summary, ...(state === 'resolved' ? [] : [advice]), `Rule: ${rule}`] : [summary];
  return {
    subject: `Scarmonit: ${subject}`.slice(0, 200),
    text: `${lines.join('\n\n')}\n\n${new Date(createdAt).toISOString()}\n`,
    messageId: `<${id}@scarmonit>`,
    date: new Date(createdAt),
    headers: { 'auto-submitted': 'auto-generated', ...(isAlert ? { references: `<${alertId}@scarmonit>` } : {}) },
  };
}

/** The server's answer may quote what it was sent, so that its code alone is told. */
function describeFailure(error: unknown): string {
  const { code, responseCode } = error as { readonly code?: unknown; readonly responseCode?: unknown };
  if (typeof responseCode === 'number') return `the mail server answered ${responseCode}`;
  return `the mail server could not be used (${typeof code === 'string' ? code : 'unknown failure'})`;
}
