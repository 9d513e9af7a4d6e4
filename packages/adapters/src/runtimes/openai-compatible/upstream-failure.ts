import type { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';

export interface FailureDetails {
  /**
   * - `anywhere`: it may go better in a moment, on the same target too
   * - `elsewhere`: only another target may do better
   * - `never`: the request itself is at fault, or the answer has begun
   */
  readonly retry: 'anywhere' | 'elsewhere' | 'never';
  /** Whether it tells against the target; a bad request does not. */
  readonly isTargetsFault: boolean;
  /** When the upstream says that it can be asked again. */
  readonly retryAfterMs?: number | undefined;
}

/** One attempt that failed: what the caller would see of it, and what may be done about it. */
export class UpstreamFailure extends Error {
  override readonly name = 'UpstreamFailure';
  readonly error: ScarmonitError;
  readonly retry: FailureDetails['retry'];
  readonly isTargetsFault: boolean;
  readonly retryAfterMs: number | undefined;

  constructor(error: ScarmonitError, { retry, isTargetsFault, retryAfterMs }: FailureDetails) {
    super(error.message, { cause: error });
    this.error = error;
    this.retry = retry;
    this.isTargetsFault = isTargetsFault;
    this.retryAfterMs = retryAfterMs;
  }
}
