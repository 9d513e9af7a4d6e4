import { httpStatusOf } from '../errors/http-status.ts';
import { type ErrorKind, ScarmonitError } from '../errors/scarmonit-error.ts';
import type { Clock } from '../ports/clock.ts';
import type { Ids } from '../ports/ids.ts';
import type { RequestContext, Usage } from '../ports/model-runtime.ts';
import type { Outcome, Prediction } from '../ports/prediction-repository.ts';
import type { VersionSpec } from '../registry/version-spec.ts';
import type { RequestAssignment } from '../routing/assign-request.ts';
import type { InferenceCall } from '../services/agent-services.ts';
import { costOfWork, type RequestPrice } from './request-cost.ts';

/** One request on its way through a version: its deadline, its cancellation, its times, and its one record. */
export interface TrackedRequest {
  /** For the runtime. Its signal is aborted when the client leaves or the deadline passes. */
  readonly context: RequestContext;
  /** The work left the engine's queue. */
  markStarted(): void;
  /** A piece of the answer is there. Exact usage comes at the end only; a cut-off answer is counted by its pieces. */
  markToken(): void;
  /** Exact usage is known; it counts however the request ends. */
  markUsage(usage: Usage): void;
  /** Ends it well. */
  succeed(): void;
  /**
   * Ends it badly and returns what the caller should throw: `cancelled` or `timeout` where the signal was the reason,
   * else the error itself.
   */
  fail(error: unknown): unknown;
  /** Ends it because its consumer left. */
  cancel(): void;
}

/** What one attempt at a request is tracked with. */
export interface Tracking {
  readonly clock: Clock;
  readonly record: (prediction: Prediction) => void;
  readonly ids: Ids;
  /** How much time is left to the attempt. */
  readonly timeoutMs: number;
  /** The version whose `timeoutMs` sets that end: the attempt's own, or the one asked first. Told to the client. */
  readonly limitedBy: VersionSpec;
  /** Shared by the prompts of one HTTP request. */
  readonly price: RequestPrice;
  /** Of a request that a rollout assigned to this version. */
  readonly assignment: RequestAssignment | undefined;
}

/**
 * Starts to track a request. Whatever ends first (answer, error, client, deadline) writes the record; later ends are
 * ignored. Only work that was begun costs: what is refused, or ends while it is queued, is free.
 */
export function trackRequest(call: InferenceCall, spec: VersionSpec, tracking: Tracking): TrackedRequest {
  const { clock, record, ids, timeoutMs, limitedBy, price, assignment } = tracking;
  const createdAt = clock.now();
  const startedAt = clock.monotonicMs();
  const controller = new AbortController();
  let timedOut = false;
  let ended = false;
  let begun = false;
  let queueMs: number | undefined;
  let firstTokenMs: number | undefined;
  let pieces = 0;
  let exactUsage: Usage | undefined;

  // As with a client that leaves, the consumer may never look again.
  const cancelDeadline = clock.schedule(timeoutMs, () => {
    timedOut = true;
    controller.abort(timeoutError(limitedBy));
    end('timeout', httpStatusOf.timeout);
  });

  const end = (outcome: Outcome, status: number): void => {
    if (ended) return;
    ended = true;
    cancelDeadline();
    call.signal.removeEventListener('abort', onLeave);
    const usage = exactUsage ?? { inputTokens: 0, outputTokens: pieces };
    const latencyMs = clock.monotonicMs() - startedAt;
    const costUsd = begun ? price.take() + costOfWork(spec.prices, usage, latencyMs - (queueMs ?? 0)) : 0;
    assignment?.counted?.end({ outcome, latencyMs, firstTokenMs, costUsd });
    record({
      id: ids.next(),
      requestId: call.requestId,
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
      costUsd,
      ...(assignment === undefined ? {} : recordOf(assignment)),
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
    context: { signal: controller.signal, requestId: call.requestId },
    markStarted: () => {
      begun = true;
      queueMs ??= clock.monotonicMs() - startedAt;
    },
    markToken: () => {
      begun = true;
      pieces += 1;
      firstTokenMs ??= clock.monotonicMs() - startedAt;
    },
    markUsage: (usage) => {
      exactUsage = usage;
    },
    succeed: () => {
      begun = true;
      end('ok', 200);
    },
    cancel: () => {
      controller.abort();
      end('cancelled', httpStatusOf.cancelled);
    },
    fail: (error) => {
      if (timedOut) {
        return timeoutError(limitedBy);
      }
      if (call.signal.aborted) {
        end('cancelled', httpStatusOf.cancelled);
        return new ScarmonitError('cancelled', 'The client closed the connection.', { cause: error });
      }
      const kind = error instanceof ScarmonitError ? error.kind : 'internal';
      end(outcomeOf(kind), httpStatusOf[kind]);
      return error;
    },
  };
}

function recordOf({ rolloutId, trafficRevision, stickyKey }: RequestAssignment): Partial<Prediction> {
  return { rolloutId, trafficRevision, ...(stickyKey === undefined ? {} : { stickyKey }) };
}

function outcomeOf(kind: ErrorKind): Outcome {
  if (kind === 'timeout' || kind === 'cancelled') return kind;
  if (kind === 'rate_limited') return 'limited';
  return httpStatusOf[kind] < 500 ? 'client_error' : 'error';
}

function timeoutError({ model, version, timeoutMs }: VersionSpec): ScarmonitError {
  return new ScarmonitError(
    'timeout',
    `The model '${model}' did not finish within ${Number((timeoutMs / 1000).toFixed(1))} s. ` +
      `Ask for fewer tokens, or raise timeoutMs of its version ${version} in the manifest.`,
    { code: 'timeout' },
  );
}
