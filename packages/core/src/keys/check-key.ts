import { ScarmonitError } from '../errors/scarmonit-error.ts';
import type { ApiKey, Scope } from './api-key.ts';
import { maskSecret } from './secret.ts';

/** Whether a key can still be used at a time, in milliseconds since the Unix epoch. */
export function isUsable(key: ApiKey, now: number): boolean {
  return key.revokedAt === undefined && (key.expiresAt === undefined || now < key.expiresAt);
}

/** Whether a key has a scope, by itself or because `admin` includes the others. */
export function hasScope(key: ApiKey, scope: Scope): boolean {
  return key.scopes.includes(scope) || key.scopes.includes('admin');
}

/**
 * Says whether what a caller sent is a key that may do `scope` now.
 * @param secret what was sent, only to show a masked form of it
 * @param key what it was found to be
 * @throws ScarmonitError `unauthenticated` or `forbidden`
 */
export function checkKey(secret: string, key: ApiKey | undefined, scope: Scope, now: number): ApiKey {
  if (key === undefined) throw invalidKey(`Incorrect API key provided: ${maskSecret(secret)}.`);
  if (key.revokedAt !== undefined) throw invalidKey(`The API key ${maskSecret(secret)} was revoked.`);
  if (!isUsable(key, now)) throw invalidKey(`The API key ${maskSecret(secret)} has expired.`);
  if (!hasScope(key, scope)) {
    throw new ScarmonitError(
      'forbidden',
      `This API key may not do that: it has the scope ${key.scopes.join(', ')} and needs ${scope}.`,
      { code: 'insufficient_permissions' },
    );
  }
  return key;
}

function invalidKey(message: string): ScarmonitError {
  return new ScarmonitError('unauthenticated', message, { code: 'invalid_api_key' });
}
