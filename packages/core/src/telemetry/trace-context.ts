/**
 * Where a span stands in a trace, as requests carry it from server to server.
 * @see https://www.w3.org/TR/trace-context/
 */
export interface TraceContext {
  /** 32 lower-case hexadecimal digits, not all zero. */
  readonly traceId: string;
  /** 16 of them. */
  readonly spanId: string;
  /** Whether the one before records the trace. */
  readonly isSampled: boolean;
  /** `tracestate`: what other systems carry along, handed on as it is. */
  readonly state?: string;
}

/** The headers that hand a context on. */
export interface TraceHeaders {
  readonly traceparent: string;
  readonly tracestate?: string;
}

const pattern = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const isZero = /^0+$/;
/** Systems may hand on more, but need not. */
const longestState = 512;

/**
 * Reads the context of an incoming request.
 * @returns undefined when there is none, or what is there is not valid: then a new trace begins
 */
export function readTraceContext(
  traceparent: string | undefined,
  tracestate: string | undefined,
): TraceContext | undefined {
  const [, version, traceId, spanId, flags, more] = pattern.exec(traceparent?.trim() ?? '') ?? [];
  if (version === undefined || traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  if (version === 'ff' || (version === '00' && more !== undefined)) return undefined;
  if (isZero.test(traceId) || isZero.test(spanId)) return undefined;
  const isSampled = (Number.parseInt(flags, 16) & 1) === 1;
  const hasState = tracestate !== undefined && tracestate !== '' && tracestate.length <= longestState;
  return { traceId, spanId, isSampled, ...(hasState ? { state: tracestate } : {}) };
}

export function toTraceHeaders({ traceId, spanId, isSampled, state }: TraceContext): TraceHeaders {
  const traceparent = `00-${traceId}-${spanId}-${isSampled ? '01' : '00'}`;
  return state === undefined ? { traceparent } : { traceparent, tracestate: state };
}
