import type { Allowance } from '@scarmonit/core/ports/rate-limiter';
import type { ServedBy } from '@scarmonit/core/services/agent-services';
import type { AgentContext, AppParts } from '../app-parts.ts';
import { formatDuration } from './format-duration.ts';

/**
 * The headers of every answer. A plain record handed to `new Response` is the cheapest way through Hono and its Node
 * server; a header that is set later would have the whole answer copied.
 */
export function answerHeaders(c: AgentContext, parts: AppParts): Record<string, string> {
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'x-request-id': c.get('requestId'),
    'openai-processing-ms': String(Math.round(parts.clock.monotonicMs() - c.get('startedMs'))),
  };
  const reservation = c.get('reservation');
  // Public routes and refusals before the limits have none, whatever the type of the variable says.
  if (reservation !== undefined) {
    addAllowance(headers, 'requests', reservation.requests);
    addAllowance(headers, 'tokens', reservation.tokens);
  }
  return headers;
}

function addAllowance(headers: Record<string, string>, what: string, allowance: Allowance | undefined): void {
  if (allowance !== undefined) {
    headers[`x-ratelimit-limit-${what}`] = String(allowance.limit);
    headers[`x-ratelimit-remaining-${what}`] = String(Math.max(0, Math.floor(allowance.remaining)));
    headers[`x-ratelimit-reset-${what}`] = formatDuration(allowance.resetMs);
  }
}

/** Answers with JSON. */
export function answerJson(c: AgentContext, parts: AppParts, body: object, status = 200): Response {
  return new Response(JSON.stringify(body), { status, headers: answerHeaders(c, parts) });
}

/** Answers with JSON that a version made. */
export function answerServed(c: AgentContext, parts: AppParts, servedBy: ServedBy, body: object): Response {
  return answerServedText(c, parts, servedBy, JSON.stringify(body));
}

/** Answers with JSON text that a version made, as it is. */
export function answerServedText(c: AgentContext, parts: AppParts, servedBy: ServedBy, text: string): Response {
  return new Response(text, { status: 200, headers: servedHeaders(c, parts, servedBy) });
}

/** Answers with a stream of server-sent events that a version makes. */
export function answerEvents(
  c: AgentContext,
  parts: AppParts,
  servedBy: ServedBy,
  events: ReadableStream<Uint8Array>,
): Response {
  const headers = servedHeaders(c, parts, servedBy);
  headers['content-type'] = 'text/event-stream; charset=utf-8';
  headers['cache-control'] = 'no-cache';
  // nginx would otherwise hold the events back until its buffer is full.
  headers['x-accel-buffering'] = 'no';
  return new Response(events, { status: 200, headers });
}

function servedHeaders(c: AgentContext, parts: AppParts, servedBy: ServedBy): Record<string, string> {
  const headers = answerHeaders(c, parts);
  headers['x-model-version'] = servedBy.version;
  if (servedBy.fallback !== undefined) {
    headers['x-model-fallback'] = servedBy.fallback;
  }
  return headers;
}
