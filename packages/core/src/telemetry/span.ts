export type AttributeValue = string | number | boolean;

/** Names as OpenTelemetry's semantic conventions have them, or of our own, which begin with `scarmonit.`. */
export type Attributes = Readonly<Record<string, AttributeValue>>;

/** A stretch of work that has ended, as a plain record. */
export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly state: string | undefined;
  readonly name: string;
  /** `server`: a request that came in; `client`: what was asked of a version. */
  readonly kind: 'server' | 'client';
  /** Milliseconds since the Unix epoch, with fractions. */
  readonly startedAt: number;
  readonly endedAt: number;
  readonly attributes: Attributes;
  readonly isError: boolean;
}
