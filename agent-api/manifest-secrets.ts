import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';

/**
 * Whether a manifest may name a variable as a secret. Manifests also come over HTTP: they reach what is there for upstreams, and
 * nothing that the host itself lives by, such as its admin key or the tokens of registries and clouds.
 */
export function isManifestSecret(name: string): boolean {
  return /^(SCARMONIT_SECRET_(?!ORIGINS$)[A-Z0-9_]+|(?!SCARMONIT_)[A-Z0-9_]+_API_KEY)$/.test(name);
}

/**
 * The value of `${NAME}` in a manifest; undefined when it is not set.
 * @throws ScarmonitError `invalid_request` for a name that manifests may not use, whether it is set or not
 */
export function lookUpManifestSecret(env: Readonly<Record<string, unknown>>, name: string): string | undefined {
  if (isManifestSecret(name)) {
    const value = env[name];
    return typeof value === 'string' && value !== '' ? value : undefined;
  }
  throw new ScarmonitError(
    'invalid_request',
    `A manifest may not use \${${name}}. Name the variable in capitals, to end in _API_KEY or to begin with SCARMONIT_SECRET_; all others that begin with SCARMONIT_ are the server's own.`,
    { code: 'secret_not_allowed', param: 'apiKey' },
  );
}
