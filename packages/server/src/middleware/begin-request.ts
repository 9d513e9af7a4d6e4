import type { AppParts, CallContext } from '../app-parts.ts';

/** What is safe to echo in a header and to write in a log. */
const saneRequestId = /^[\w.:-]{1,128}$/;

/** Gives a request its id (the client's `x-request-id` where sane) and notes when it began. */
export function beginRequest(c: CallContext, parts: AppParts): void {
  c.set('startedMs', parts.clock.monotonicMs());
  const wanted = c.req.header('x-request-id');
  c.set('requestId', wanted !== undefined && saneRequestId.test(wanted) ? wanted : parts.newRequestId());
}
