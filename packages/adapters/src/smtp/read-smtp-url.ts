/** An address of a mail server that cannot be used; the message says what to change and holds no secret. */
export class SmtpUrlError extends Error {
  override readonly name = 'SmtpUrlError';
}

export interface SmtpServer {
  readonly host: string;
  readonly port: number;
  /** Encrypted from the first byte (RFC 8314), in place of STARTTLS. */
  readonly isImplicitTls: boolean;
  readonly isLoopback: boolean;
  readonly auth?: { readonly user: string; readonly pass: string };
}

const submissionPort = 587;
const submissionsPort = 465;

/**
 * Reads `smtp://user:password@host:port` or `smtps://…`; what is special in the user or the password is percent-encoded.
 * @throws SmtpUrlError
 */
export function readSmtpUrl(text: string): SmtpServer {
  const url = URL.parse(text);
  if (url === null || !/^smtps?:$/.test(url.protocol) || url.hostname === '') {
    throw new SmtpUrlError('The mail server must be an address such as smtps://user:password@smtp.example.com.');
  }
  const isImplicitTls = url.protocol === 'smtps:';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return {
    host,
    port: url.port === '' ? (isImplicitTls ? submissionsPort : submissionPort) : Number(url.port),
    isImplicitTls,
    isLoopback: /^(localhost|127(\.\d{1,3}){3}|::1)$/.test(host),
    ...(url.username === '' ? {} : { auth: { user: decode(url.username), pass: decode(url.password) } }),
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new SmtpUrlError("The mail server's user and password must be percent-encoded, such as %40 for @.");
  }
}
