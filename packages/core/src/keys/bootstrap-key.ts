import { ScarmonitError } from '../errors/scarmonit-error.ts';
import type { ApiKey } from './api-key.ts';
import { hasScope, isUsable } from './check-key.ts';

/**
 * Whether a configured secret may become, or already is, an admin key.
 * @param known the key with the secret's hash, if there is one
 * @throws ScarmonitError `invalid_request` or `conflict` that says what to change
 */
export function checkConfiguredSecret(secret: string, known: ApiKey | undefined, now: number): void {
  if (!/^[\x21-\x7e]+$/.test(secret)) {
    throw new ScarmonitError(
      'invalid_request',
      'The admin key may hold printable ASCII characters only, and no spaces.',
    );
  }
  if (known === undefined) return;
  if (!isUsable(known, now)) {
    throw new ScarmonitError(
      'conflict',
      `The configured admin key (${known.prefix}) was revoked or has expired. Configure another one.`,
    );
  }
  if (!hasScope(known, 'admin')) {
    throw new ScarmonitError(
      'conflict',
      `The configured admin key (${known.prefix}) is the key "${known.name}" with the scope ` +
        `${known.scopes.join(', ')}. Configure another one.`,
    );
  }
}

/** The oldest key that can administer now. */
export function findAdminKey(keys: Iterable<ApiKey>, now: number): ApiKey | undefined {
  return [...keys]
    .filter((key) => isUsable(key, now) && hasScope(key, 'admin'))
    .sort((left, right) => left.createdAt - right.createdAt)
    .at(0);
}
