import type { Clock } from '../ports/clock.ts';
import type { Ids } from '../ports/ids.ts';
import type { Prediction } from '../ports/prediction-repository.ts';
import type { VersionSpec } from '../registry/version-spec.ts';
import { describeAttempt, describeOperation, type GenAiOperation } from './gen-ai.ts';
import type { Sampler } from './sampler.ts';
import type { Span } from './span.ts';
import { readTraceContext, type TraceContext, type TraceHeaders, toTraceHeaders } from './trace-context.ts';

export interface TracerPorts {
  readonly clock: Pick<Clock, 'now' | 'monotonicMs'>;
  readonly ids: Pick<Ids, 'next'>;
  readonly sampler: Sampler;
  /** Takes each span of a trace that is recorded. Never waits, never throws. */
  onSpan(span: Span): void;
  /** Takes each attempt, whether its trace is recorded or not. */
  onAttempt(attempt: EndedAttempt): void;
}

export interface EndedAttempt {
  readonly operation: GenAiOperation;
  readonly askedFor: string;
  readonly record: Prediction;
}

/** A request as it came in. */
export interface TracedRequest {
  readonly method: string;
  /** The route's pattern, never the address that was asked for. */
  readonly route: string;
  readonly traceparent: string | undefined;
  readonly tracestate: string | undefined;
}

/** Makes the spans of requests, as OpenTelemetry has them. Without one nothing is traced, and nobody pays for it. */
export class Tracer {
  readonly #ports: TracerPorts;

  constructor(ports: TracerPorts) {
    this.#ports = ports;
  }

  /** Goes on with the trace that the request brings, or begins a new one. */
  begin(request: TracedRequest): RequestTrace {
    return new RequestTrace(request, this.#ports);
  }
}

/** The span of one request. It ends when the request was answered and what was begun for it has ended. */
export class RequestTrace {
  readonly context: TraceContext;
  readonly #request: TracedRequest;
  readonly #ports: TracerPorts;
  readonly #parentSpanId: string | undefined;
  readonly #startedAt: number;
  readonly #startedMs: number;
  #openAttempts = 0;
  #answered: { readonly status: number; readonly keyId: string | undefined } | undefined;

  constructor(request: TracedRequest, ports: TracerPorts) {
    const { ids, sampler, clock } = ports;
    const parent = readTraceContext(request.traceparent, request.tracestate);
    const traceId = parent?.traceId ?? ids.next();
    this.#request = request;
    this.#ports = ports;
    this.#parentSpanId = parent?.spanId;
    this.#startedAt = clock.now();
    this.#startedMs = clock.monotonicMs();
    this.context = {
      traceId,
      spanId: newSpanId(ids),
      isSampled: sampler(traceId, parent),
      ...(parent?.state === undefined ? {} : { state: parent.state }),
    };
  }

  beginAttempt(spec: VersionSpec, route: string, askedFor: string | undefined): AttemptTrace {
    this.#openAttempts += 1;
    const context = { ...this.context, spanId: newSpanId(this.#ports.ids) };
    const operation = describeOperation(spec, route);
    return {
      headers: toTraceHeaders(context),
      end: (record) => {
        this.#openAttempts -= 1;
        const ended = { operation, askedFor: askedFor ?? spec.model, record };
        this.#ports.onAttempt(ended);
        if (context.isSampled) this.#ports.onSpan(toAttemptSpan(context, this.context.spanId, ended));
        this.#endWhenDone();
      },
    };
  }

  /** The answer is there, or the first piece of it. */
  answer(status: number, keyId: string | undefined): void {
    this.#answered = { status, keyId };
    this.#endWhenDone();
  }

  #endWhenDone(): void {
    const { clock, onSpan } = this.#ports;
    const { traceId, spanId, isSampled, state } = this.context;
    if (this.#answered === undefined || this.#openAttempts > 0 || !isSampled) return;
    const { method, route } = this.#request;
    const { status, keyId } = this.#answered;
    onSpan({
      traceId,
      spanId,
      parentSpanId: this.#parentSpanId,
      state,
      name: `${method} ${route}`,
      kind: 'server',
      startedAt: this.#startedAt,
      endedAt: this.#startedAt + clock.monotonicMs() - this.#startedMs,
      attributes: {
        'http.request.method': method,
        'http.route': route,
        'http.response.status_code': status,
        ...(status >= 500 ? { 'error.type': String(status) } : {}),
        ...(keyId === undefined ? {} : { 'scarmonit.key.id': keyId }),
      },
      isError: status >= 500,
    });
  }
}

/** The span of one attempt at a version. */
export interface AttemptTrace {
  /** For what the version asks elsewhere. */
  readonly headers: TraceHeaders;
  /** To be called once. */
  end(record: Prediction): void;
}

function toAttemptSpan(
  { traceId, spanId, state }: TraceContext,
  parentSpanId: string,
  { operation, askedFor, record }: EndedAttempt,
): Span {
  const { outcome, createdAt, latencyMs } = record;
  return {
    traceId,
    spanId,
    parentSpanId,
    state,
    name: `${operation.name} ${askedFor}`,
    kind: 'client',
    startedAt: createdAt,
    endedAt: createdAt + latencyMs,
    attributes: describeAttempt(operation, askedFor, record),
    isError: outcome === 'error' || outcome === 'timeout',
  };
}

/** The random half of an id. */
function newSpanId(ids: Pick<Ids, 'next'>): string {
  return ids.next().slice(16);
}
