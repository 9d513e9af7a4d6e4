import { readSmtpUrl } from '@scarmonit/adapters/smtp/read-smtp-url';
import { checkWebhookUrl } from '@scarmonit/adapters/webhook/check-webhook-url';

/** An incoming webhook in Slack's shape. */
export interface SlackSettings {
  readonly url: string;
  readonly allowPrivate: boolean;
}

/** A mail server, and who gets mail. */
export interface EmailSettings {
  readonly url: string;
  readonly from: string;
  readonly to: readonly string[];
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads `SCARMONIT_SLACK_URL`.
 * @throws Error whose message says what to change
 */
export function readSlackSettings(env: Environment): SlackSettings | undefined {
  const { SCARMONIT_SLACK_URL: url } = env;
  if (!url) return undefined;
  const allowPrivate = env.SCARMONIT_WEBHOOK_ALLOW_PRIVATE === 'true';
  try {
    checkWebhookUrl(url, { allowPrivate });
  } catch (error) {
    throw new Error(`SCARMONIT_SLACK_URL: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
  return { url, allowPrivate };
}

/**
 * Reads `SCARMONIT_SMTP_URL`, `SCARMONIT_EMAIL_FROM` and `SCARMONIT_EMAIL_TO`.
 * @throws Error whose message says what to change
 */
export function readEmailSettings(env: Environment): EmailSettings | undefined {
  const { SCARMONIT_SMTP_URL: url, SCARMONIT_EMAIL_TO: to } = env;
  if (!url && !to) return undefined;
  const recipients = (to ?? '')
    .split(',')
    .map((address) => address.trim())
    .filter((address) => address !== '');
  if (!url || recipients.length === 0) {
    throw new Error('E-mail needs both SCARMONIT_SMTP_URL and SCARMONIT_EMAIL_TO. Set both, or neither.');
  }
  const from = env.SCARMONIT_EMAIL_FROM || recipients[0] || '';
  for (const address of [from, ...recipients]) {
    if (/^[^\s@<>,]+@[^\s@<>,]+$/.test(address)) continue;
    throw new Error(
      `SCARMONIT_EMAIL_FROM and SCARMONIT_EMAIL_TO take addresses such as ops@example.com, not '${address}'.`,
    );
  }
  readSmtpUrl(url);
  return { url, from, to: recipients };
}
