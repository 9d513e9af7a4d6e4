import type { AppParts, CallContext } from './app-parts.ts';
import { toErrorAnswer } from './errors/to-error-answer.ts';
import type { Answer } from './http/answer.ts';
import { authenticate } from './middleware/authenticate.ts';
import { limitBody } from './middleware/limit-body.ts';
import { reserveLimits } from './middleware/reserve-limits.ts';
import type { Route } from './route.ts';

/**
 * Runs a route behind what its declaration asks for, in one order for all: size, key, body, limits, handler. A stranger's
 * body is not read. Never rejects: what is thrown becomes an answer.
 * @param readBody reads the body as text, within the limit
 */
export async function runRoute<Reply extends { readonly status: number }>(
  route: RunnableRoute,
  c: CallContext,
  parts: AppParts,
  readBody: () => Promise<string>,
  handle: () => Reply | Promise<Reply>,
): Promise<Reply | Answer> {
  const reply = await answerOf(route, c, parts, readBody, handle);
  parts.reportAnswer?.({
    requestId: c.get('requestId'),
    method: route.method,
    route: route.path,
    status: reply.status,
    keyId: c.get('key')?.id,
    elapsedMs: parts.clock.monotonicMs() - c.get('startedMs'),
  });
  return reply;
}

type RunnableRoute = Pick<Route, 'method' | 'path' | 'access' | 'limited'>;

async function answerOf<Reply>(
  route: RunnableRoute,
  c: CallContext,
  parts: AppParts,
  readBody: () => Promise<string>,
  handle: () => Reply | Promise<Reply>,
): Promise<Reply | Answer> {
  try {
    const hasBody = route.method === 'POST' || route.method === 'PUT';
    if (hasBody) limitBody(c, parts);
    if (route.access !== 'public') authenticate(c, parts, route.access);
    if (hasBody) c.set('body', await readBody());
    return await (route.limited ? reserveLimits(c, parts, handle) : handle());
  } catch (error) {
    return toErrorAnswer(c, parts, error);
  }
}
