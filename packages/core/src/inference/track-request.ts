import { httpStatusOf } from '../errors/http-status.ts';
import { ScarmonitError } from '../errors/scarmonit-error.ts';
import type { Clock } from '../ports/clock.ts';
import type { Usage } from '../ports/model-runtime.ts';
import type { Outcome, Prediction } from '../ports/prediction-repository.ts';
import type { VersionSpec } from '../registry/version-spec.ts';
import type { InferenceCall } from '../services/agent-services.ts';
import { costOf } from './cost-of.ts';

/** One request on its way through a version: its deadline, its cancellation, its times, and its one record. */
export interface TrackedRequest {
  /** Aborted when the client leaves or the deadline passes. */
  readonly signal: AbortSignal;
  /** The work left the engine's queue. */
  markStarted(): void;
  /** A piece of the answer is there. Exact usage comes at the end only; a cut-off answer is counted by its pieces. */
  markToken(): void;
  /** Ends it well. */
  succeed(usage: Usage): void;
  /**
   * Ends it badly and returns what the caller should throw: `cancelled` or `timeout` where the signal was the reason,
   * else the error itself.
   */
  fail(error: unknown): unknown;
  /** Ends it because its consumer left. */
  cancel(): void;
}

/**
 * Starts to track a request. Whatever ends first (answer, error, client, deadline) writes the record; later ends are
 * ignored.
 */
export function trackRequest(
  call: InferenceCall,
  spec: VersionSpec,
  clock: Clock,
  record: (prediction: Prediction) => void,
): TrackedRequest {
  const createdAt = clock.now();
  const startedAt = clock.monotonicMs();
  const controller = new AbortController();
  let timedOut = false;
  let ended = false;
  let queueMs: number | undefined;
  let firstTokenMs: number | undefined;
  let pieces = 0;

  const cancelDeadline = clock.schedule(spec.timeoutMs, () => {
    timedOut = true;
    controller.abort(timeoutError(spec));
  });

  const end = (outcome: Outcome, status: number, usage: Usage = { inputTokens: 0, outputTokens: pieces }): void => {
    if (ended) return;
    ended = true;
    cancelDeadline();
    call.signal.removeEventListener('abort', onLeave);
    const latencyMs = clock.monotonicMs() - startedAt;
    record({
      id: call.requestId,
      projectId: call.key.projectId,
      createdAt,
      keyId: call.key.id,
      model: spec.model,
      version: spec.version,
      route: call.route,
      outcome,
      status,
      stream: call.stream,
      latencyMs,
      ...(firstTokenMs === undefined ? {} : { firstTokenMs }),
      ...(queueMs === undefined ? {} : { queueMs }),
      inputTokens: usage.inputTokens,
      outputTokens: usage.outputTokens,
      costUsd: costOf(spec.prices, usage, latencyMs - (queueMs ?? 0)),
    });
  };

  // The consumer of a stream whose client left may never look at it again, so the record is closed here.
  const onLeave = (): void => {
    controller.abort(call.signal.reason);
    end('cancelled', httpStatusOf.cancelled);
  };
  if (call.signal.aborted) onLeave();
  else call.signal.addEventListener('abort', onLeave, { once: true });

  return {
    signal: controller.signal,
    markStarted: () => {
      queueMs ??= clock.monotonicMs() - startedAt;
    },
    markToken: () => {
      pieces += 1;
      firstTokenMs ??= clock.monotonicMs() - startedAt;
    },
    succeed: (usage) => end('ok', 200, usage),
    cancel: () => {
      controller.abort();
      end('cancelled', httpStatusOf.cancelled);
    },
    fail: (error) => {
      if (timedOut) {
        end('timeout', httpStatusOf.timeout);
        return timeoutError(spec);
      }
      if (call.signal.aborted) {
        end('cancelled', httpStatusOf.cancelled);
        return new ScarmonitError('cancelled', 'The client closed the connection.', { cause: error });
      }
      const status = error instanceof ScarmonitError ? httpStatusOf[error.kind] : httpStatusOf.internal;
      end(status < 500 ? 'client_error' : 'error', status);
      return error;
    },
  };
}

function timeoutError(spec: VersionSpec): ScarmonitError {
  return new ScarmonitError(
    'timeout',
    `The model '${spec.model}' did not finish within ${spec.timeoutMs / 1000} s. ` +
      'Ask for fewer tokens, or raise timeoutMs of the version in the manifest.',
    { code: 'timeout' },
  );
}
