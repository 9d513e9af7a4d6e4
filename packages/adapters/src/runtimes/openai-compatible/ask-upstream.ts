import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import type { CancelSignal } from '@scarmonit/core/ports/cancel-signal';
import type { Clock } from '@scarmonit/core/ports/clock';
import { type AskContext, askTarget, type TargetAnswer } from './ask-target.ts';
import { chooseTarget } from './choose-target.ts';
import { abortError, explainTransport } from './explain-transport.ts';
import type { PreparedRequest } from './prepare-body.ts';
import type { Target } from './target.ts';
import { UpstreamFailure } from './upstream-failure.ts';

export interface UpstreamContext extends AskContext {
  readonly targets: readonly Target[];
  readonly balance: 'weighted' | 'least-busy';
  /** Monotonic; a retry that would begin later is not waited for. */
  readonly deadlineMs: number;
  /** From 0 to below 1. */
  random(): number;
}

/** The ceiling of the first wait; it doubles with each further one. */
const firstWaitMs = 100;
const longestWaitMs = 2_000;

/**
 * Asks the targets of a version until one begins to answer: another one at once where there is another, the same after a
 * wait. Nothing is tried again once a target has begun to answer.
 * @throws ScarmonitError what the last attempt failed with
 */
export async function askUpstream(request: PreparedRequest, context: UpstreamContext): Promise<TargetAnswer> {
  const { targets, balance, options, signal, clock } = context;
  const tried = new Set<Target>();
  for (let attempt = 0; ; attempt++) {
    const available = targets.filter(({ breaker }) => breaker.isAvailable);
    const untried = attempt === 0 ? available : available.filter((target) => !tried.has(target));
    const target = chooseTarget(untried.length > 0 ? untried : available, balance);
    if (target === undefined) throw outOfRotation(targets);
    tried.add(target);
    try {
      return await attemptOn(target, request, context);
    } catch (failure) {
      if (!(failure instanceof UpstreamFailure)) throw failure;
      if (failure.retry === 'never' || attempt >= options.retries) throw failure.error;
      const hasOther = targets.some((other) => !tried.has(other) && other.breaker.isAvailable);
      if (hasOther) continue;
      if (failure.retry === 'elsewhere') throw failure.error;
      const waitMs = Math.max(backOff(attempt, context.random()), failure.retryAfterMs ?? 0);
      const isTooLong = waitMs > options.longestRetryWaitMs || clock.monotonicMs() + waitMs >= context.deadlineMs;
      if (isTooLong || !targets.some(({ breaker }) => breaker.isAvailable)) throw failure.error;
      if (waitMs > 0) await wait(waitMs, clock, signal);
    }
  }
}

/** One attempt, with the breaker and the count of requests kept right however it ends. */
async function attemptOn(target: Target, request: PreparedRequest, context: UpstreamContext): Promise<TargetAnswer> {
  const permit = target.breaker.acquire();
  target.inFlight += 1;
  const tell = (failure: unknown): void => {
    if (!(failure instanceof UpstreamFailure)) permit.release();
    else if (failure.isTargetsFault) permit.fail(failure.error, failure.retryAfterMs);
    else permit.succeed();
  };
  try {
    const answer = await askTarget(target, request, context);
    if (answer.kind === 'json') {
      target.inFlight -= 1;
      permit.succeed();
    } else {
      permit.begin();
      answer.chunks.onEnd((end) => {
        target.inFlight -= 1;
        if (end === 'done') permit.succeed();
        else tell(end);
      });
    }
    return answer;
  } catch (error) {
    target.inFlight -= 1;
    const failure = explainTransport(error, context.signal);
    tell(failure);
    throw failure;
  }
}

/** Full jitter: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/ */
function backOff(attempt: number, random: number): number {
  return random * Math.min(longestWaitMs, firstWaitMs * 2 ** attempt);
}

function wait(ms: number, clock: Clock, signal: CancelSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      cancel();
      reject(abortError(signal));
    };
    const cancel = clock.schedule(ms, () => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    });
    signal.addEventListener('abort', onAbort, { once: true });
  });
}

/** No target may be asked: says what the last failure was, and when the first of them may be asked again. */
function outOfRotation(targets: readonly Target[]): ScarmonitError {
  const last = targets
    .flatMap(({ breaker }) => breaker.lastFailure ?? [])
    .reduce<{ error: ScarmonitError; at: number } | undefined>(
      (latest, failure) => (latest === undefined || failure.at > latest.at ? failure : latest),
      undefined,
    );
  // A target that is being probed is asked again as soon as the probe is answered.
  const retryAfterMs = Math.max(1_000, Math.ceil(Math.min(...targets.map(({ breaker }) => breaker.opensInMs))));
  return new ScarmonitError(
    last?.error.kind ?? 'overloaded',
    `The upstream is out of rotation after repeated failures. The last: ${last?.error.message ?? 'unknown'}`,
    { code: last?.error.code ?? 'upstream_unavailable', retryAfterMs, cause: last?.error },
  );
}
