import type { AppParts, CallContext } from '../app-parts.ts';
import { bodyTooLarge } from '../http/read-body-text.ts';

/** Refuses a body that says it is too large before a byte of it is read or a key is looked at. */
export function limitBody(c: CallContext, parts: AppParts): void {
  if (Number(c.req.header('content-length')) > parts.maxBodyBytes) {
    throw bodyTooLarge(parts.maxBodyBytes);
  }
}
