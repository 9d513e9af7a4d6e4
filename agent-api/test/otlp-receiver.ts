import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

type AttributeValue = string | number | boolean | undefined;

/** A span as it arrived, its attributes by name. */
export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly name: string;
  readonly kind: number;
  readonly durationMs: number;
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  readonly resource: Readonly<Record<string, AttributeValue>>;
}

/** A receiver of the OpenTelemetry protocol in JSON, on a free loopback port. */
export interface OtlpReceiver {
  readonly url: string;
  readonly spans: readonly ReceivedSpan[];
  /** By metric, how many values were told, over all its points of the last time. */
  readonly counts: ReadonlyMap<string, number>;
  /** The `authorization` of each request. */
  readonly authorizations: readonly (string | undefined)[];
  /** Every body, as text. */
  readonly text: string;
  close(): Promise<void>;
}

interface WrittenAttribute {
  readonly key: string;
  readonly value: {
    readonly stringValue?: string;
    readonly intValue?: string;
    readonly doubleValue?: number;
    readonly boolValue?: boolean;
  };
}

interface WrittenSpan extends Omit<ReceivedSpan, 'durationMs' | 'attributes' | 'resource'> {
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly WrittenAttribute[];
}

interface Written {
  readonly resourceSpans?: readonly {
    readonly resource: { readonly attributes: readonly WrittenAttribute[] };
    readonly scopeSpans: readonly { readonly spans: readonly WrittenSpan[] }[];
  }[];
  readonly resourceMetrics?: readonly {
    readonly scopeMetrics: readonly {
      readonly metrics: readonly {
        readonly name: string;
        readonly histogram: { readonly dataPoints: readonly { readonly count: string }[] };
      }[];
    }[];
  }[];
}

export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const spans: ReceivedSpan[] = [];
  const counts = new Map<string, number>();
  const authorizations: (string | undefined)[] = [];
  let text = '';
  const server = createServer(async (request, response) => {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece);
    const bytes = Buffer.concat(pieces);
    const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes;
    text += body;
    authorizations.push(request.headers.authorization);
    const { resourceSpans = [], resourceMetrics = [] } = JSON.parse(body.toString()) as Written;
    for (const { resource, scopeSpans } of resourceSpans) {
      for (const span of scopeSpans.flatMap((scope) => scope.spans)) spans.push(toSpan(span, resource.attributes));
    }
    for (const metric of resourceMetrics.flatMap((one) => one.scopeMetrics.flatMap(({ metrics }) => metrics))) {
      counts.set(
        metric.name,
        metric.histogram.dataPoints.reduce((sum, { count }) => sum + Number(count), 0),
      );
    }
    const isKnown = request.url === '/v1/traces' || request.url === '/v1/metrics';
    response.writeHead(isKnown ? 200 : 404, { 'content-type': 'application/json' }).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    counts,
    authorizations,
    get text() {
      return text;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function toSpan(span: WrittenSpan, resource: readonly WrittenAttribute[]): ReceivedSpan {
  const { traceId, spanId, parentSpanId, name, kind } = span;
  const nanoseconds = BigInt(span.endTimeUnixNano) - BigInt(span.startTimeUnixNano);
  return {
    traceId,
    spanId,
    parentSpanId,
    name,
    kind,
    durationMs: Number(nanoseconds) / 1e6,
    attributes: toValues(span.attributes),
    resource: toValues(resource),
  };
}

function toValues(attributes: readonly WrittenAttribute[]): Readonly<Record<string, AttributeValue>> {
  return Object.fromEntries(
    attributes.map(({ key, value: { stringValue, intValue, doubleValue, boolValue } }) => [
      key,
      stringValue ?? (intValue === undefined ? (doubleValue ?? boolValue) : Number(intValue)),
    ]),
  );
}
