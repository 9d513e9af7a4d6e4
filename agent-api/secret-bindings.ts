import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import { cloudflareApiBaseUrl, type SecretUse } from '@scarmonit/core/manifest/secret-uses';
import { isManifestSecret } from './manifest-secrets.ts';

/**
 * Addresses by the name of the secret that may be sent to them: origins (scheme, host and port), or base URLs that cover what is
 * beneath them.
 */
export type SecretBindings = ReadonlyMap<string, readonly string[]>;

/** The host's own account at Cloudflare, which manifests may send there. */
const ownAccount: SecretBindings = new Map(
  ['CLOUDFLARE_ACCOUNT_ID', 'CLOUDFLARE_API_TOKEN'].map((name) => [name, [new URL(cloudflareApiBaseUrl).origin]]),
);

/**
 * Gateways that serve all accounts at one origin, and hand keys on to wherever an account says: how many segments of the path
 * tell whose it is. https://developers.cloudflare.com/ai-gateway/usage/providers/ (`/v1/{account}/{gateway}/…`)
 */
const accountInPath: ReadonlyMap<string, number> = new Map([['gateway.ai.cloudflare.com', 3]]);

/** What a host needs to say which secrets go where. */
export interface SecretGuardParts {
  /** The value of a variable, as `lookUpManifestSecret`. */
  lookUp(name: string): string | undefined;
  /** What the operator has bound so far; asked at each use. */
  bindings(): SecretBindings;
  /** What to change, as sentences for administrators. @param entry what `SCARMONIT_SECRET_ORIGINS` lacks */
  explainRemedy(entry: string): string;
  /** Whether a use sends nothing on this host. */
  isUnused?(use: SecretUse): boolean;
}

/** Gives secrets to the addresses that the operator has bound them to, and to no other. */
export interface SecretGuard {
  /**
   * The value of a secret that is to be sent to an address; undefined when it is not set.
   * @throws ScarmonitError `invalid_request`, `secret_not_allowed` for a name that manifests may not use, `secret_not_bound` for an
   *   address that the secret is not bound to, whether it is set or not
   */
  lookUp(name: string, baseUrl: string): string | undefined;
  /** @throws ScarmonitError `secret_not_bound` as {@link lookUp} */
  requireBound(name: string, baseUrl: string): void;
  /** As `ExplainSecretUse`. A name that manifests may not use is left to {@link lookUp}. */
  explainUse(use: SecretUse): string | undefined;
}

export function createSecretGuard({ lookUp, bindings, explainRemedy, isUnused }: SecretGuardParts): SecretGuard {
  const isBound = (name: string, baseUrl: string): boolean =>
    [...(ownAccount.get(name) ?? []), ...(bindings().get(name) ?? [])].some((address) => covers(address, baseUrl));

  const requireBound = (name: string, baseUrl: string): void => {
    if (isBound(name, baseUrl)) return;
    // Why a version cannot be loaded is told to whoever asks it for something, so that the address stays out of it.
    throw new ScarmonitError(
      'invalid_request',
      `\${${name}} is not bound to the address of this version, and is not sent there. Bind it by SCARMONIT_SECRET_ORIGINS where the server is set up.`,
      { code: 'secret_not_bound' },
    );
  };
  return {
    requireBound,
    lookUp: (name, baseUrl) => {
      const value = lookUp(name);
      requireBound(name, baseUrl);
      return value;
    },
    explainUse: (use) => {
      const { name, baseUrl } = use;
      if (isUnused?.(use) === true || !isBindable(name) || isBound(name, baseUrl)) return undefined;
      const address = toBoundAddress(baseUrl) ?? 'ADDRESS';
      const remedy = explainRemedy(`${name}=${address}`);
      return `would send \${${name}} to ${address}, and this secret is not bound to it. ${remedy}`;
    },
  };
}

/** Whether a name can be that of a secret that is sent anywhere. */
export function isBindable(name: string): boolean {
  return isManifestSecret(name) || ownAccount.has(name);
}

/**
 * What a secret is bound to by its use at a base URL: the origin, and where the origin is everybody's, the account's part of the
 * path. @returns undefined for what is no http or https address
 */
export function toBoundAddress(baseUrl: string): string | undefined {
  const url = URL.parse(baseUrl);
  if (url === null || !/^https?:$/.test(url.protocol)) return undefined;
  const segments = accountInPath.get(url.hostname);
  return segments === undefined ? url.origin : url.origin + url.pathname.split('/', segments + 1).join('/');
}

/**
 * Reads `SCARMONIT_SECRET_ORIGINS`: `NAME=ADDRESS`, any number of them with spaces or commas between, a name again for each
 * further address. There are no wildcards.
 * @throws Error whose message is one sentence that says the fix. What was written stays out of it: it may be a secret
 */
export function readSecretBindings(text: string): SecretBindings {
  const bindings = new Map<string, string[]>();
  const entries = text.split(/[\s,]+/).filter((entry) => entry !== '');
  for (const [index, entry] of entries.entries()) {
    const [, name = '', address = ''] = /^([A-Za-z0-9_]+)=(.*)$/.exec(entry) ?? [];
    const place = `Entry ${index + 1} of SCARMONIT_SECRET_ORIGINS`;
    if (!isBindable(name)) {
      throw new Error(
        `${place} must be NAME=ADDRESS, such as OPENAI_API_KEY=https://api.openai.com, with a NAME that ends in _API_KEY or begins with SCARMONIT_SECRET_.`,
      );
    }
    if (!isAddress(address)) {
      throw new Error(
        `${place}, for ${name}, must have an http or https address such as https://api.openai.com: without a wildcard, a user, a query or a fragment.`,
      );
    }
    bindings.set(name, [...(bindings.get(name) ?? []), address.replace(/\/+$/, '')]);
  }
  return bindings;
}

function isAddress(text: string): boolean {
  return /^https?:\/\/[^/?#@*\s\\%]+(\/[^?#*\s\\]*)?$/.test(text) && URL.canParse(text);
}

/** Whether a base URL is at the address or beneath it. Another scheme, host or port never is. */
function covers(address: string, baseUrl: string): boolean {
  const [bound, asked] = [URL.parse(address), URL.parse(baseUrl)];
  if (bound === null || asked === null || bound.origin !== asked.origin) return false;
  const prefix = bound.pathname.replace(/\/+$/, '');
  if (prefix === '') return true;
  // Servers differ in what they take an encoded slash for.
  if (/%(2f|5c)/i.test(asked.pathname)) return false;
  return asked.pathname === prefix || asked.pathname.startsWith(`${prefix}/`);
}
