import type { Tracer } from '@scarmonit/core/telemetry/tracer';
import type { Answered, AppParts, CallContext } from './app-parts.ts';
import { toErrorAnswer } from './errors/to-error-answer.ts';
import { toRefusalReason } from './errors/to-refusal-reason.ts';
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
  if (parts.tracer !== undefined && route.access === 'infer') beginTrace(route, c, parts.tracer);
  let reply: Reply | Answer;
  try {
    const hasBody = route.method === 'POST' || route.method === 'PUT';
    if (hasBody) limitBody(c, parts);
    if (route.access !== 'public') {
      const session = authenticate(c, parts, route.access, route.method);
      // Awaited only where there is one: a turn of the queue is dear on the routes that carry the load.
      if (session !== undefined) await session;
    }
    if (hasBody) c.set('body', await readBody());
    reply = await (route.limited ? reserveLimits(c, parts, handle) : handle());
  } catch (error) {
    if (route.limited) reportRefusal(c, parts, error);
    reply = toErrorAnswer(c, parts, error);
  }
  c.get('trace')?.answer(reply.status, c.get('key')?.id);
  if (parts.reportAnswer !== undefined) parts.reportAnswer(describeAnswered(route, c, parts, reply.status));
  return reply;
}

function reportRefusal(c: CallContext, parts: AppParts, error: unknown): void {
  if (parts.reportRefusal === undefined) return;
  const reason = toRefusalReason(error, c.get('isOpened') === true);
  if (reason !== undefined) parts.reportRefusal(reason);
}

function beginTrace({ method, path }: RunnableRoute, c: CallContext, tracer: Tracer): void {
  const traceparent = c.req.header('traceparent');
  const tracestate = c.req.header('tracestate');
  c.set('trace', tracer.begin({ method, route: path, traceparent, tracestate }));
}

function describeAnswered(route: RunnableRoute, c: CallContext, parts: AppParts, status: number): Answered {
  const clientAddress = parts.clientAddressOf?.((name) => c.req.header(name));
  return {
    requestId: c.get('requestId'),
    method: route.method,
    route: route.path,
    status,
    keyId: c.get('key')?.id,
    ...(clientAddress === undefined ? {} : { clientAddress }),
    elapsedMs: parts.clock.monotonicMs() - c.get('startedMs'),
  };
}

type RunnableRoute = Pick<Route, 'method' | 'path' | 'access' | 'limited'>;
