import { type AddressKind, judgeAddress } from './judge-address.ts';

/** A webhook's address that must not be used; the message says what to change and holds no secret. */
export class WebhookUrlError extends Error {
  override readonly name = 'WebhookUrlError';
}

export interface AddressRules {
  /** Allows this machine, also by `http:`, and private networks. Never metadata services, link-local or multicast. */
  readonly allowPrivate: boolean;
}

/** Whether a connection to an address of that kind may be made. */
export function isAllowed(kind: AddressKind | undefined, { allowPrivate }: AddressRules): boolean {
  return kind === 'public' || (allowPrivate && (kind === 'private' || kind === 'loopback'));
}

/**
 * Reads the address of a webhook and checks what can be checked without asking for its name. WHATWG's parser has turned
 * decimal, octal, hexadecimal and short forms of IPv4 into the usual one. What a name resolves to is checked when the
 * connection is made.
 * @throws WebhookUrlError
 */
export function checkWebhookUrl(text: string, rules: AddressRules): URL {
  const url = URL.parse(text);
  if (url === null) throw new WebhookUrlError('The address of the webhook is no URL.');
  if (url.username !== '' || url.password !== '') {
    throw new WebhookUrlError('The address of the webhook must not hold a user name or a password.');
  }
  if (url.protocol === 'http:') checkPlainHttp(url, rules);
  else if (url.protocol !== 'https:') throw new WebhookUrlError('The address of the webhook must begin with https://.');
  const host = hostOf(url);
  const kind = judgeAddress(host);
  const isName = kind === undefined && !isLocalhost(host);
  if (isName || isAllowed(kind ?? 'loopback', rules)) return url;
  throw new WebhookUrlError(
    rules.allowPrivate
      ? `A webhook cannot be sent to ${host}.`
      : `A webhook is sent to ${host} only when SCARMONIT_WEBHOOK_ALLOW_PRIVATE is true.`,
  );
}

/** Over `http:` nothing shows that the answer comes from where the request went, so it stays on this machine. */
function checkPlainHttp(url: URL, { allowPrivate }: AddressRules): void {
  const host = hostOf(url);
  if (allowPrivate && (isLocalhost(host) || judgeAddress(host) === 'loopback')) return;
  throw new WebhookUrlError(
    'The address of the webhook must begin with https://; ' +
      'http:// is for localhost alone, and only when SCARMONIT_WEBHOOK_ALLOW_PRIVATE is true.',
  );
}

/** Without brackets and the dot that ends a full name. */
function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
}

/** RFC 6761, section 6.3: these names mean this machine whatever a resolver says. */
function isLocalhost(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost');
}
