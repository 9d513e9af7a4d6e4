import type { Allowance } from '@scarmonit/core/ports/rate-limiter';
import type { Deprecation, ServedBy } from '@scarmonit/core/services/agent-services';
import { toTraceHeaders } from '@scarmonit/core/telemetry/trace-context';
import type { AppParts, CallContext } from '../app-parts.ts';
import { formatDuration } from './format-duration.ts';

/** An answer as plain data. What carries it (a `Response`, Node's own response) is chosen where it is sent. */
export interface Answer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | PiecewiseBody;
}

/** A body that is made while it is sent, piece by piece, as its reader asks for more. */
export interface PiecewiseBody {
  /** The next piece. Must not be called again before it has resolved, nor once the body has {@link ended}. Never rejects. */
  read(): Promise<string>;
  /** Whether what was read so far is all. */
  readonly ended: boolean;
  /** The reader is gone: stops the work at once, also while a piece is awaited. Without effect after the end. */
  cancel(): Promise<void>;
}

/** The headers of every answer. */
export function answerHeaders(c: CallContext, parts: AppParts): Record<string, string> {
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'x-request-id': c.get('requestId'),
    'openai-processing-ms': String(Math.round(parts.clock.monotonicMs() - c.get('startedMs'))),
  };
  const trace = c.get('trace');
  if (trace !== undefined) headers['traceresponse'] = toTraceHeaders(trace.context).traceparent;
  const reservation = c.get('reservation');
  // Public routes and refusals before the limits have none, whatever the type of the variable says.
  if (reservation !== undefined) {
    const { requests, tokens } = reservation;
    // Written out: a header whose name is looked up for each answer costs more than its value.
    if (requests !== undefined) {
      headers['x-ratelimit-limit-requests'] = String(requests.limit);
      headers['x-ratelimit-remaining-requests'] = remainingOf(requests);
      headers['x-ratelimit-reset-requests'] = formatDuration(requests.resetMs);
    }
    if (tokens !== undefined) {
      headers['x-ratelimit-limit-tokens'] = String(tokens.limit);
      headers['x-ratelimit-remaining-tokens'] = remainingOf(tokens);
      headers['x-ratelimit-reset-tokens'] = formatDuration(tokens.resetMs);
    }
  }
  return headers;
}

function remainingOf({ remaining }: Allowance): string {
  return String(Math.max(0, Math.floor(remaining)));
}

/** Answers with JSON. */
export function answerJson(c: CallContext, parts: AppParts, body: object, status = 200): Answer {
  return { status, headers: answerHeaders(c, parts), body: JSON.stringify(body) };
}

/** Answers with JSON that a version made. */
export function answerServed(c: CallContext, parts: AppParts, servedBy: ServedBy, body: object): Answer {
  return answerServedText(c, parts, servedBy, JSON.stringify(body));
}

/** Answers with JSON text that a version made, as it is. */
export function answerServedText(c: CallContext, parts: AppParts, servedBy: ServedBy, text: string): Answer {
  return { status: 200, headers: servedHeaders(c, parts, servedBy), body: text };
}

/** Answers with a stream of server-sent events that a version makes. */
export function answerEvents(c: CallContext, parts: AppParts, servedBy: ServedBy, events: PiecewiseBody): Answer {
  const headers = servedHeaders(c, parts, servedBy);
  headers['content-type'] = 'text/event-stream; charset=utf-8';
  headers['cache-control'] = 'no-cache';
  // nginx would otherwise hold the events back until its buffer is full.
  headers['x-accel-buffering'] = 'no';
  return { status: 200, headers, body: events };
}

function servedHeaders(c: CallContext, parts: AppParts, servedBy: ServedBy): Record<string, string> {
  const headers = answerHeaders(c, parts);
  headers['x-model-version'] = servedBy.version;
  if (servedBy.fallback !== undefined) {
    headers['x-model-fallback'] = servedBy.fallback;
  }
  if (servedBy.deprecation !== undefined) addDeprecation(headers, servedBy.deprecation);
  return headers;
}

/** `Deprecation` is a date of RFC 9651 (RFC 9745), `Sunset` one of HTTP (RFC 8594). */
function addDeprecation(headers: Record<string, string>, { since, sunsetAt }: Deprecation): void {
  headers['deprecation'] = `@${Math.floor(since / 1000)}`;
  if (sunsetAt !== undefined) headers['sunset'] = new Date(sunsetAt).toUTCString();
}
