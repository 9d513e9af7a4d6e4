import type { Attributes, AttributeValue, Span } from './span.ts';

/**
 * Telemetry as the OpenTelemetry protocol writes it in JSON.
 * @see https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
 * @see https://github.com/open-telemetry/opentelemetry-proto
 */
type Json = Readonly<Record<string, unknown>>;

const scope = { name: 'scarmonit' };
const kinds: Readonly<Record<Span['kind'], number>> = { server: 2, client: 3 };
const statusError = 2;
const temporalities = { delta: 1, cumulative: 2 } as const;
export type Temporality = keyof typeof temporalities;

/** A distribution over stretches of values; there is one more count than there are bounds. */
export interface HistogramPoint {
  readonly attributes: Attributes;
  readonly startedAt: number;
  readonly bounds: readonly number[];
  readonly counts: readonly number[];
  readonly sum: number;
  readonly smallest: number;
  readonly largest: number;
}

export interface HistogramMetric {
  readonly name: string;
  readonly description: string;
  /** In UCUM. */
  readonly unit: string;
  readonly points: readonly HistogramPoint[];
}

/** The body of a request to `/v1/traces`. */
export function encodeSpans(resource: Attributes, spans: readonly Span[]): string {
  return JSON.stringify({
    resourceSpans: [{ resource: encodeResource(resource), scopeSpans: [{ scope, spans: spans.map(encodeSpan) }] }],
  });
}

/** The body of a request to `/v1/metrics`. @param at when the values were read */
export function encodeMetrics(
  resource: Attributes,
  metrics: readonly HistogramMetric[],
  temporality: Temporality,
  at: number,
): string {
  const encoded = metrics.map(({ name, description, unit, points }) => ({
    name,
    description,
    unit,
    histogram: {
      aggregationTemporality: temporalities[temporality],
      dataPoints: points.map((point) => encodePoint(point, at)),
    },
  }));
  return JSON.stringify({
    resourceMetrics: [{ resource: encodeResource(resource), scopeMetrics: [{ scope, metrics: encoded }] }],
  });
}

function encodeResource(resource: Attributes): Json {
  return { attributes: encodeAttributes(resource) };
}

function encodeSpan(span: Span): Json {
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    ...(span.parentSpanId === undefined ? {} : { parentSpanId: span.parentSpanId }),
    ...(span.state === undefined ? {} : { traceState: span.state }),
    name: span.name,
    kind: kinds[span.kind],
    startTimeUnixNano: toNanoseconds(span.startedAt),
    endTimeUnixNano: toNanoseconds(span.endedAt),
    attributes: encodeAttributes(span.attributes),
    status: span.isError ? { code: statusError } : {},
  };
}

function encodePoint(
  { attributes, startedAt, bounds, counts, sum, smallest, largest }: HistogramPoint,
  at: number,
): Json {
  return {
    attributes: encodeAttributes(attributes),
    startTimeUnixNano: toNanoseconds(startedAt),
    timeUnixNano: toNanoseconds(at),
    count: String(counts.reduce((total, count) => total + count, 0)),
    sum,
    min: smallest,
    max: largest,
    explicitBounds: bounds,
    bucketCounts: counts.map(String),
  };
}

function encodeAttributes(attributes: Attributes): readonly Json[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: encodeValue(value) }));
}

/** Integers of 64 bits are texts. */
function encodeValue(value: AttributeValue): Json {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}

/** To the microsecond: a number does not hold nanoseconds since 1970. */
function toNanoseconds(milliseconds: number): string {
  return `${Math.round(milliseconds * 1_000)}000`;
}
