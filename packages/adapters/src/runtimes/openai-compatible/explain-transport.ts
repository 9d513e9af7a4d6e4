import type { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import type { CancelSignal } from '@scarmonit/core/ports/cancel-signal';
import { HttpTransportError } from '@scarmonit/core/ports/http-transport';
import {
  brokeOff as brokenOff,
  explainFailure,
  malformed as isMalformed,
} from '@scarmonit/core/upstream/transport-failures';
import { UpstreamFailure } from './upstream-failure.ts';

export { abortError } from '@scarmonit/core/upstream/transport-failures';

/**
 * What a failure beneath HTTP, or one in reading the answer, means for the caller, the target and a retry.
 * @returns the signal's reason as an error when the caller ended it; never a failure that tells against the target
 */
export function explainTransport(error: unknown, signal: CancelSignal): UpstreamFailure | ScarmonitError {
  if (!signal.aborted && error instanceof UpstreamFailure) return error;
  const explained = explainFailure(error, signal);
  const tellsAgainstTarget =
    !signal.aborted && explained !== error && explained.kind !== 'internal' && explained.kind !== 'not_ready';
  if (!tellsAgainstTarget) return explained;
  const isWorthWaiting =
    error instanceof HttpTransportError && (error.failure === 'connect' || error.failure === 'broken');
  return new UpstreamFailure(explained, { retry: isWorthWaiting ? 'anywhere' : 'elsewhere', isTargetsFault: true });
}

/** The connection or the answer ended before it was complete. */
export function brokeOff(cause?: unknown): UpstreamFailure {
  return new UpstreamFailure(brokenOff(cause), { retry: 'anywhere', isTargetsFault: true });
}

/** The answer is not what it says it is. */
export function malformed(message: string, cause?: unknown): UpstreamFailure {
  return new UpstreamFailure(isMalformed(message, cause), { retry: 'elsewhere', isTargetsFault: true });
}
