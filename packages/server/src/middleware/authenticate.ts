import type { Scope } from '@scarmonit/core/keys/api-key';
import type { AppParts, CallContext } from '../app-parts.ts';

const bearer = /^Bearer +(\S+) *$/i;

/** Finds the caller's key by its bearer token and checks that it may do `scope`. */
export function authenticate(c: CallContext, parts: AppParts, scope: Scope): void {
  const secret = c.req.header('authorization')?.match(bearer)?.[1];
  c.set('key', parts.services.keys.authenticate(secret, scope));
}
