import type { Scope } from '@scarmonit/core/keys/api-key';
import type { AppParts, CallContext } from '../app-parts.ts';
import { requireSameOrigin } from '../portal/require-same-origin.ts';
import { readSessionToken } from '../portal/session-cookie.ts';

const bearer = /^Bearer +(\S+) *$/i;

/**
 * Finds the caller's key by its bearer token and checks that it may do `scope`. A request without the header may have
 * the portal's cookie instead, whose session the store knows; then there is something to wait for.
 * @param method a session changes nothing for a page of another site
 */
export function authenticate(c: CallContext, parts: AppParts, scope: Scope, method: string): Promise<void> | undefined {
  const authorization = c.req.header('authorization');
  if (authorization === undefined && parts.sessions !== undefined) {
    const token = readSessionToken(c.req.header('cookie'));
    if (token !== undefined) {
      if (method !== 'GET') requireSameOrigin(c);
      return parts.sessions.authenticate(token, scope).then((key) => c.set('key', key));
    }
  }
  c.set('key', parts.services.keys.authenticate(authorization?.match(bearer)?.[1], scope));
  return undefined;
}
