import type { ContentWatch } from '../drift/content-watch.ts';
import { httpStatusOf } from '../errors/http-status.ts';
import { type ErrorKind, ScarmonitError } from '../errors/scarmonit-error.ts';
import type { RequestOrigin } from '../metrics/end-user.ts';
import type { CancelSignal } from '../ports/cancel-signal.ts';
import type { Clock } from '../ports/clock.ts';
import type { Hash } from '../ports/hash.ts';
import type { Ids } from '../ports/ids.ts';
import type { ForwardContext, RequestContext, Usage } from '../ports/model-runtime.ts';
import type { Outcome, Prediction } from '../ports/prediction-repository.ts';
import type { VersionSpec } from '../registry/version-spec.ts';
import type { RequestAssignment } from '../routing/assign-request.ts';
import type { InferenceCall } from '../services/agent-services.ts';
import { plainAnswerDigest } from '../shadow/plain-answer.ts';
import type { AttemptTrace } from '../telemetry/tracer.ts';
import { CancelSource, toAbortSignal } from './cancel-source.ts';
import { costOfWork, type RequestPrice } from './request-cost.ts';

type Writable<T> = { -readonly [Field in keyof T]: T[Field] };

/** What attempts are timed and recorded with. */
export interface AttemptPorts {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly hash: Hash;
  /** As `createEndUserDigest` makes it. */
  readonly nameEndUser: (origin: RequestOrigin) => string;
  readonly record: (prediction: Prediction) => void;
  /** Sees what is asked and answered; absent: nobody looks. */
  readonly content?: ContentWatch;
}

/** What one attempt at a request is tracked with. */
export interface Tracking {
  readonly ports: AttemptPorts;
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
 * One request on its way through a version: its deadline, its cancellation, its times, and its one record.
 *
 * Whatever ends first (answer, error, client, deadline) writes the record; later ends are ignored. Only work that was begun
 * costs: what is refused, or ends while it is queued, is free.
 */
export class TrackedRequest {
  readonly #call: InferenceCall;
  readonly #spec: VersionSpec;
  readonly #tracking: Tracking;
  readonly #createdAt: number;
  readonly #startedAt: number;
  readonly #cancelDeadline: () => void;
  readonly #source = new CancelSource();
  readonly #trace: AttemptTrace | undefined;
  #timedOut = false;
  #ended = false;
  #begun = false;
  #queueMs: number | undefined;
  #firstTokenMs: number | undefined;
  #pieces = 0;
  #exactUsage: Usage | undefined;
  #labels: readonly string[] | undefined;

  constructor(call: InferenceCall, spec: VersionSpec, tracking: Tracking) {
    const { clock } = tracking.ports;
    this.#call = call;
    this.#spec = spec;
    this.#tracking = tracking;
    this.#createdAt = clock.now();
    this.#startedAt = clock.monotonicMs();
    this.#trace = call.trace?.beginAttempt(spec, call.route, call.model);
    this.#cancelDeadline = clock.schedule(tracking.timeoutMs, this.#onDeadline);
    if (call.signal.aborted) this.#onLeave();
    else call.signal.addEventListener('abort', this.#onLeave, { once: true });
  }

  /** Aborted when the client leaves or the deadline passes. */
  get signal(): CancelSignal {
    return this.#source;
  }

  /** For runtimes that forward. */
  get forwardContext(): ForwardContext {
    return { signal: this.#source, requestId: this.#call.requestId, trace: this.#trace?.headers };
  }

  /** For other runtimes, with a signal of the platform's own. */
  get context(): RequestContext {
    return { signal: toAbortSignal(this.#source), requestId: this.#call.requestId, trace: this.#trace?.headers };
  }

  /** The work left the engine's queue. */
  markStarted(): void {
    this.#begun = true;
    this.#queueMs ??= this.#elapsedMs();
  }

  /** A piece of the answer is there. Exact usage comes at the end only; a cut-off answer is counted by its pieces. */
  markToken(): void {
    this.#begun = true;
    this.#pieces += 1;
    this.#firstTokenMs ??= this.#elapsedMs();
  }

  /** Exact usage is known; it counts however the request ends. */
  markUsage(usage: Usage): void {
    this.#exactUsage = usage;
  }

  /** The likeliest label of each input: what a label that comes later is compared with. */
  markLabels(labels: readonly string[]): void {
    this.#labels = labels;
  }

  /** Ends it well. */
  succeed(): void {
    this.#begun = true;
    this.#end('ok', 200);
  }

  /** Ends it because its consumer left. */
  cancel(): void {
    this.#source.abort(new Error('The consumer left.'));
    this.#end('cancelled', httpStatusOf.cancelled);
  }

  /**
   * Ends it badly and returns what the caller should throw: `cancelled` or `timeout` where the signal was the reason,
   * else the error itself.
   */
  fail(error: unknown): unknown {
    if (this.#timedOut) return timeoutError(this.#tracking.limitedBy);
    if (this.#call.signal.aborted) {
      this.#end('cancelled', httpStatusOf.cancelled);
      return new ScarmonitError('cancelled', 'The client closed the connection.', { cause: error });
    }
    const kind = error instanceof ScarmonitError ? error.kind : 'internal';
    this.#end(outcomeOf(kind), httpStatusOf[kind]);
    return error;
  }

  // As with a client that leaves, the consumer may never look again.
  readonly #onDeadline = (): void => {
    this.#timedOut = true;
    this.#source.abort(timeoutError(this.#tracking.limitedBy));
    this.#end('timeout', httpStatusOf.timeout);
  };

  // The consumer of a stream whose client left may never look at it again, so the record is closed here.
  readonly #onLeave = (): void => {
    this.#source.abort(this.#call.signal.reason);
    this.#end('cancelled', httpStatusOf.cancelled);
  };

  #elapsedMs(): number {
    return this.#tracking.ports.clock.monotonicMs() - this.#startedAt;
  }

  #end(outcome: Outcome, status: number): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#cancelDeadline();
    const call = this.#call;
    const spec = this.#spec;
    const { ports, price, assignment } = this.#tracking;
    const firstTokenMs = this.#firstTokenMs;
    const queueMs = this.#queueMs;
    call.signal.removeEventListener('abort', this.#onLeave);
    const { inputTokens, outputTokens } = this.#exactUsage ?? { inputTokens: 0, outputTokens: this.#pieces };
    const latencyMs = this.#elapsedMs();
    const runningMs = latencyMs - (queueMs ?? 0);
    const costUsd = this.#begun ? price.take() + costOfWork(spec.prices, { inputTokens, outputTokens }, runningMs) : 0;
    assignment?.counted?.end({ outcome, latencyMs, firstTokenMs, costUsd });
    const record: Writable<Prediction> = {
      id: ports.ids.next(),
      requestId: call.requestId,
      projectId: call.key.projectId,
      createdAt: this.#createdAt,
      keyId: call.key.id,
      model: spec.model,
      version: spec.version,
      route: call.route,
      outcome,
      status,
      stream: call.stream,
      latencyMs,
      inputTokens,
      outputTokens,
      costUsd,
      endUser: ports.nameEndUser({ projectId: call.key.projectId, keyId: call.key.id, user: call.user }),
    };
    if (firstTokenMs !== undefined) record.firstTokenMs = firstTokenMs;
    if (queueMs !== undefined) record.queueMs = queueMs;
    if (outcome === 'ok' && this.#labels !== undefined) {
      record.answer = plainAnswerDigest({ kind: 'labels', labels: this.#labels }, ports.hash);
    }
    if (assignment !== undefined) Object.assign(record, recordOf(assignment));
    ports.record(record);
    this.#trace?.end(record);
  }
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
