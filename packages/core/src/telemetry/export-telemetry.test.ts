import { beforeEach, describe, expect, it } from 'vitest';
import { createFakeClock, type FakeClock } from '../../test/fake-clock.ts';
import { testPrediction } from '../../test/predictions.ts';
import { createTelemetryExport, type OtlpAnswer } from './export-telemetry.ts';
import type { OtelSettings, OtlpTarget } from './read-otel-settings.ts';
import type { Span } from './span.ts';

const target = (signal: string): OtlpTarget => ({ url: signal, headers: {}, timeoutMs: 1_000, isCompressed: false });
const settings: OtelSettings = {
  traces: target('traces'),
  metrics: target('metrics'),
  resource: { 'service.name': 'scarmonit' },
  sampler: 'always_on',
  samplerRatio: 1,
  scheduleDelayMs: 5_000,
  batchSize: 3,
  queueSize: 5,
  metricsIntervalMs: 60_000,
  temporality: undefined,
  problems: [],
};
const span = (name: string): Span => ({
  traceId: 'a'.repeat(32),
  spanId: 'b'.repeat(16),
  parentSpanId: undefined,
  state: undefined,
  name,
  kind: 'server',
  startedAt: 1_700_000_000_000.25,
  endedAt: 1_700_000_000_001.5,
  attributes: {},
  isError: false,
});
const attempt = { operation: { name: 'chat', provider: 'openai' }, askedFor: 'chat', record: testPrediction() };

let clock: FakeClock;
let sent: { readonly to: string; readonly json: string }[];
let answers: (OtlpAnswer | Error)[];
let errors: { readonly message: string; readonly dropped: number }[];

beforeEach(() => {
  clock = createFakeClock();
  sent = [];
  answers = [];
  errors = [];
});

const open = (changes: Partial<OtelSettings> = {}, temporality: 'cumulative' | 'delta' = 'cumulative') =>
  createTelemetryExport({
    settings: { ...settings, ...changes },
    clock,
    temporality,
    send: async ({ url }, json) => {
      sent.push({ to: url, json });
      const answer = answers.shift() ?? { status: 200, retryAfterMs: undefined };
      if (answer instanceof Error) throw answer;
      return answer;
    },
    onError: (error, dropped) => errors.push({ message: error instanceof Error ? error.message : '', dropped }),
  });

const namesIn = ({ json }: { readonly json: string }): readonly string[] =>
  JSON.parse(json).resourceSpans[0].scopeSpans[0].spans.map((one: { readonly name: string }) => one.name);

describe('spans', () => {
  it('wait for others and are sent together', async () => {
    const telemetry = open();
    telemetry.addSpan(span('1'));
    await clock.advance(4_999);
    telemetry.addSpan(span('2'));
    expect(sent).toEqual([]);
    await clock.advance(1);
    expect(sent.map(namesIn)).toEqual([['1', '2']]);
    await clock.advance(60_000);
    expect(sent).toHaveLength(1);
  });

  it('are sent at once when there are enough for a batch, and the rest later', async () => {
    const telemetry = open();
    for (const name of ['1', '2', '3']) telemetry.addSpan(span(name));
    telemetry.addSpan(span('4'));
    await clock.advance(0);
    expect(sent.map(namesIn)).toEqual([['1', '2', '3'], ['4']]);
  });

  it('are sent again with back-off while the receiver is away, and as it asks', async () => {
    answers = [new Error('refused'), { status: 503, retryAfterMs: undefined }, { status: 429, retryAfterMs: 7_000 }];
    open().addSpan(span('1'));
    await clock.advance(5_000);
    expect(sent).toHaveLength(1);
    await clock.advance(1_000);
    expect(sent).toHaveLength(2);
    await clock.advance(2_000);
    expect(sent).toHaveLength(3);
    await clock.advance(6_999);
    expect(sent).toHaveLength(3);
    await clock.advance(1);
    expect(sent.map(namesIn)).toEqual([['1'], ['1'], ['1'], ['1']]);
    expect(errors).toEqual([]);
  });

  it('are given up when the receiver refuses them, or stays away', async () => {
    answers = [{ status: 400, retryAfterMs: undefined }];
    const telemetry = open();
    telemetry.addSpan(span('1'));
    await clock.advance(5_000);
    expect(errors).toEqual([{ message: 'The receiver answered with status 400.', dropped: 1 }]);
    answers = Array.from({ length: 5 }, () => new Error('refused'));
    await clock.advance(60_000);
    telemetry.addSpan(span('2'));
    await clock.advance(120_000);
    expect(sent).toHaveLength(6);
    expect(errors[1]).toEqual({ message: 'refused', dropped: 2 });
  });

  it('take no more memory than the queue has, and what is dropped is counted and told once a minute', async () => {
    answers = Array.from({ length: 5 }, () => new Error('refused'));
    const telemetry = open();
    for (let number = 0; number < 50; number += 1) telemetry.addSpan(span(String(number)));
    await clock.advance(31_000);
    expect(errors).toHaveLength(1);
    await clock.advance(120_000);
    // A batch of three was under way and given up; of the others five fit.
    expect(sent.slice(5).flatMap(namesIn)).toEqual(['3', '4', '5', '6', '7']);
    telemetry.addSpan(span('last'));
    await telemetry.close();
    expect(sent.map(namesIn).at(-1)).toEqual(['last']);
  });

  it('are written with times to the microsecond', async () => {
    open().addSpan(span('1'));
    await clock.advance(5_000);
    const [written] = JSON.parse(sent[0]?.json ?? '').resourceSpans[0].scopeSpans[0].spans;
    expect(written).toMatchObject({
      startTimeUnixNano: '1700000000000250000',
      endTimeUnixNano: '1700000000001500000',
      kind: 2,
      status: {},
    });
  });

  it('go nowhere when only metrics are wanted', async () => {
    const { traces: _, ...only } = settings;
    const telemetry = createTelemetryExport({
      settings: only,
      clock,
      temporality: 'delta',
      send: async ({ url }, json) => {
        sent.push({ to: url, json });
        return { status: 200, retryAfterMs: undefined };
      },
      onError: () => undefined,
    });
    telemetry.addSpan(span('1'));
    telemetry.addAttempt(attempt);
    await clock.advance(60_000);
    expect(sent.map(({ to }) => to)).toEqual(['metrics']);
  });
});

interface WrittenPoint {
  readonly count: string;
  readonly sum: number;
  readonly bucketCounts: readonly string[];
  readonly startTimeUnixNano: string;
}

const durations = ({ json }: { readonly json: string }): WrittenPoint =>
  JSON.parse(json).resourceMetrics[0].scopeMetrics[0].metrics.find(
    (metric: { readonly name: string }) => metric.name === 'gen_ai.server.request.duration',
  ).histogram.dataPoints[0];

describe('metrics', () => {
  it('add up and are told regularly, also when nothing has happened', async () => {
    const telemetry = open();
    telemetry.addAttempt(attempt);
    await clock.advance(60_000);
    telemetry.addAttempt({ ...attempt, record: testPrediction({ latencyMs: 20 }) });
    await clock.advance(120_000);
    expect(sent.map(durations).map(({ count, sum }) => [count, Number(sum.toFixed(6))])).toEqual([
      ['1', 0.1],
      ['2', 0.12],
      ['2', 0.12],
    ]);
    // 20 ms is in the stretch that ends with 0.02 s, 100 ms in the one that ends with 0.16 s.
    expect(durations(sent[1] ?? { json: '' }).bucketCounts.slice(0, 6)).toEqual(['0', '1', '0', '0', '1', '0']);
  });

  it('begin anew with each look where deltas are wanted, and say nothing when there is nothing', async () => {
    const telemetry = open({}, 'delta');
    telemetry.addAttempt(attempt);
    await clock.advance(60_000);
    telemetry.addAttempt(attempt);
    await clock.advance(180_000);
    expect(sent.map(durations).map(({ count }) => count)).toEqual(['1', '1']);
    expect(durations(sent[1] ?? { json: '' }).startTimeUnixNano).toBe(`${1_700_000_060_000}000000`);
  });

  it('tell first tokens and tokens apart by version, and failed requests by how they ended', async () => {
    const telemetry = open({}, 'delta');
    telemetry.addAttempt({ ...attempt, record: testPrediction({ firstTokenMs: 40, outputTokens: 4 }) });
    telemetry.addAttempt({
      ...attempt,
      record: testPrediction({ outcome: 'error', version: '1.1.0', outputTokens: 0 }),
    });
    await clock.advance(60_000);
    const metrics = JSON.parse(sent[0]?.json ?? '').resourceMetrics[0].scopeMetrics[0].metrics as readonly {
      readonly name: string;
      readonly histogram: { readonly dataPoints: readonly { readonly sum: number; readonly attributes: object[] }[] };
    }[];
    const sums = Object.fromEntries(
      metrics.map(({ name, histogram }) => [name, histogram.dataPoints.map(({ sum }) => Number(sum.toFixed(6)))]),
    );
    expect(sums).toEqual({
      'gen_ai.server.request.duration': [0.1, 0.1],
      'gen_ai.server.time_to_first_token': [0.04],
      'gen_ai.server.time_per_output_token': [0.02],
      'gen_ai.client.token.usage': [3, 4, 3],
    });
    expect(metrics[0]?.histogram.dataPoints[1]?.attributes).toContainEqual({
      key: 'error.type',
      value: { stringValue: 'error' },
    });
  });
});
