import { ScarmonitError } from '../errors/scarmonit-error.ts';
import type { CancelSignal } from '../ports/cancel-signal.ts';
import { HttpTransportError } from '../ports/http-transport.ts';
import { EventStreamError } from '../sse/event-stream-parser.ts';

/**
 * What a failure beneath HTTP, or one in reading the answer, means for the caller of an upstream.
 * @returns the signal's reason as an error when the caller ended it
 */
export function explainFailure(error: unknown, signal: CancelSignal): ScarmonitError {
  if (signal.aborted) return abortError(signal);
  if (error instanceof ScarmonitError) return error;
  if (error instanceof EventStreamError) return malformed('The upstream sent an event that is too long.', error);
  if (!(error instanceof HttpTransportError)) {
    return new ScarmonitError('internal', 'The upstream could not be asked.', { cause: error });
  }
  switch (error.failure) {
    case 'connect':
      return failure('bad_gateway', 'The upstream cannot be reached.', 'upstream_unreachable', error);
    case 'first-byte-timeout':
      return failure('timeout', 'The upstream did not answer in time.', 'upstream_timeout', error);
    case 'idle-timeout':
      return failure('timeout', 'The upstream stopped in its answer.', 'upstream_timeout', error);
    case 'broken':
      return brokeOff(error);
    case 'aborted':
      return new ScarmonitError('not_ready', 'The version was unloaded.', { cause: error, retryAfterMs: 1_000 });
  }
}

/** The connection or the answer ended before it was complete. */
export function brokeOff(cause?: unknown): ScarmonitError {
  return failure('engine_failure', 'The upstream broke off its answer.', 'upstream_broke_off', cause);
}

/** The answer is not what it says it is. */
export function malformed(message: string, cause?: unknown): ScarmonitError {
  return failure('bad_gateway', message, 'upstream_malformed_answer', cause);
}

/** A deadline or a draining server says why in the signal's reason; otherwise the client has left. */
export function abortError(signal: CancelSignal): ScarmonitError {
  if (signal.reason instanceof ScarmonitError) return signal.reason;
  return new ScarmonitError('cancelled', 'The request was cancelled.', { cause: signal.reason });
}

function failure(
  kind: 'bad_gateway' | 'engine_failure' | 'timeout',
  message: string,
  code: string,
  cause: unknown,
): ScarmonitError {
  return new ScarmonitError(kind, message, { code, cause });
}
