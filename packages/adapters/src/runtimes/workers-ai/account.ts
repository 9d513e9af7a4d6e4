import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import { cloudflareApiBaseUrl, ownAccount } from '@scarmonit/core/manifest/secret-uses';
import type { WorkersAiTarget } from '@scarmonit/core/registry/version-spec';

export interface AccountParts {
  /**
   * The value of `${NAME}`, to be sent to a base URL; undefined when it is not set.
   * @throws ScarmonitError for a name that manifests may not use, and for an address it is not bound to
   */
  lookUpSecret(name: string, baseUrl: string): string | undefined;
  /** @throws ScarmonitError when the secret of that name is not bound to the address */
  requireBound(name: string, baseUrl: string): void;
  /** The host's own account at Cloudflare, which only Cloudflare and this machine get to see. */
  readonly cloudflare: { readonly accountId: string | undefined; readonly apiToken: string | undefined };
}

/** Whom Cloudflare bills, and where its API is. */
export interface Account {
  readonly accountId: string;
  readonly apiToken: string;
  readonly baseUrl: URL;
}

/**
 * Finds the account of a version. `${CLOUDFLARE_ACCOUNT_ID}` and `${CLOUDFLARE_API_TOKEN}`, which stand where the manifest
 * says nothing, are the host's own, which goes to Cloudflare, and to an address of this machine that it is bound to.
 * @throws ScarmonitError `invalid_request` that says which variable to set
 */
export function findAccount(
  target: WorkersAiTarget,
  { lookUpSecret, requireBound, cloudflare }: AccountParts,
): Account {
  const { accountId, apiToken } = { ...ownAccount, ...target };
  const baseUrl = URL.parse(target.baseUrl ?? cloudflareApiBaseUrl);
  if (baseUrl === null || !/^https?:$/.test(baseUrl.protocol)) throw noAddress();
  const own: Readonly<Record<string, string | undefined>> = {
    CLOUDFLARE_ACCOUNT_ID: cloudflare.accountId,
    CLOUDFLARE_API_TOKEN: cloudflare.apiToken,
  };
  const resolve = (key: string, text: string): string => {
    const name = /^\$\{(.+)\}$/.exec(text)?.[1];
    if (name === undefined) return text;
    const isOwn = Object.hasOwn(own, name);
    if (isOwn && !maySeeOwnAccount(baseUrl)) throw notForElsewhere(key, name);
    if (isOwn) requireBound(name, baseUrl.href);
    const value = isOwn ? own[name] : lookUpSecret(name, baseUrl.href);
    if (value === undefined || value === '') throw missing(key, name);
    return value;
  };
  const account = { accountId: resolve('accountId', accountId), apiToken: resolve('apiToken', apiToken), baseUrl };
  // The one becomes part of a path and the other of a header; the error of whoever refuses them would show them.
  if (!/^[A-Za-z0-9_-]+$/.test(account.accountId)) throw unusable('accountId');
  if (!/^[\x21-\x7e]+$/.test(account.apiToken)) throw unusable('apiToken');
  return account;
}

function maySeeOwnAccount({ protocol, hostname }: URL): boolean {
  if (['127.0.0.1', 'localhost', '[::1]'].includes(hostname)) return true;
  return protocol === 'https:' && hostname === 'api.cloudflare.com';
}

function noAddress(): ScarmonitError {
  const message = 'The baseUrl of a workers-ai version must be an http or https address.';
  return new ScarmonitError('invalid_request', message, { param: 'baseUrl' });
}

function missing(key: string, name: string): ScarmonitError {
  const message = `The ${key} of a workers-ai version is \${${name}}, which is not set. Set ${name} where the server starts.`;
  return new ScarmonitError('invalid_request', message, { code: 'missing_secret', param: key });
}

function notForElsewhere(key: string, name: string): ScarmonitError {
  const message = `\${${name}} goes to Cloudflare alone. With a baseUrl elsewhere, name another variable as ${key}.`;
  return new ScarmonitError('invalid_request', message, { code: 'secret_not_allowed', param: key });
}

function unusable(key: string): ScarmonitError {
  const message = `The ${key} of a workers-ai version holds characters that none has: spaces, line ends or the like.`;
  return new ScarmonitError('invalid_request', message, { code: 'invalid_secret', param: key });
}
