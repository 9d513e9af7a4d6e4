import { createMiddleware } from 'hono/factory';
import type { AgentEnv, AppParts } from '../app-parts.ts';
import { toErrorResponse } from '../errors/to-error-response.ts';

/** What is safe to echo in a header and to write in a log. */
const saneRequestId = /^[\w.:-]{1,128}$/;

/** Gives every request its id (the client's `x-request-id` where sane) and notes when it began. */
export const assignRequestId = (parts: AppParts) =>
  createMiddleware<AgentEnv>(async (c, next) => {
    c.set('startedMs', parts.clock.monotonicMs());
    const wanted = c.req.header('x-request-id');
    c.set('requestId', wanted !== undefined && saneRequestId.test(wanted) ? wanted : parts.newRequestId());
    try {
      await next();
    } catch (thrown) {
      // Hono hands only instances of Error to onError; anything else that was thrown arrives here.
      c.res = toErrorResponse(c, parts, thrown);
    }
  });
