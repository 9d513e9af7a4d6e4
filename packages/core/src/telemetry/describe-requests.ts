import type { QuantileSketch } from '../metrics/quantile-sketch.ts';
import { isRefusal, type RefusalReason, sumRefusals } from '../metrics/refusals.ts';
import { type MetricSum, sumMetrics } from '../metrics/sum-metrics.ts';
import type { MetricRow } from '../ports/metrics-repository.ts';
import { type HistogramValue, type MetricFamily, toFamily } from './metric-family.ts';

/** From what a classifier takes to what a long answer takes; seconds. */
const durationBounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120] as const;

/**
 * What was served since the store was made, over all processes and restarts.
 * @param rows all that the store has, once each
 */
export function describeRequests(rows: readonly MetricRow[]): readonly MetricFamily[] {
  return [...describeServed(rows.filter((row) => !isRefusal(row))), describeRefusals(rows)];
}

/** Each reason is there from the beginning, so that the first of its kind is an increase. */
function describeRefusals(rows: readonly MetricRow[]): MetricFamily {
  const refusals = Object.entries(sumRefusals(rows)) as readonly [RefusalReason, number][];
  return toFamily(
    'scarmonit_requests_refused',
    'counter',
    'Requests that were refused before a version was chosen, by the reason.',
    refusals.map(([reason, requests]) => [{ reason }, requests]),
  );
}

function describeServed(rows: readonly MetricRow[]): readonly MetricFamily[] {
  const bySeries = sumMetrics(rows, [], ({ model, version, route, outcome }) =>
    JSON.stringify({ model, version, route, outcome }),
  );
  const byVersion = sumMetrics(rows, ['latency', 'firstToken', 'queue'], ({ model, version }) =>
    JSON.stringify({ model, version }),
  );
  const ofVersions = (read: (sum: MetricSum) => number | HistogramValue | undefined) =>
    [...byVersion].map(([labels, sum]) => [toLabels(labels), read(sum)] as const);
  return [
    toFamily(
      'scarmonit_requests',
      'counter',
      'Requests that reached a version, by how they ended.',
      [...bySeries].map(([labels, { requests }]) => [toLabels(labels), requests]),
    ),
    toFamily(
      'scarmonit_tokens',
      'counter',
      'Tokens that were read (input) and written (output).',
      [...byVersion].flatMap(([labels, { inputTokens, outputTokens }]) => [
        [{ ...toLabels(labels), direction: 'input' }, inputTokens],
        [{ ...toLabels(labels), direction: 'output' }, outputTokens],
      ]),
    ),
    toFamily(
      'scarmonit_cost_usd',
      'counter',
      'What the work cost by the prices of the manifest, in US dollars.',
      ofVersions(({ costUsd }) => roundTo(costUsd, 1e-9)),
    ),
    toFamily(
      'scarmonit_request_duration_seconds',
      'histogram',
      'From the request to the end of its answer, for those that were answered well.',
      ofVersions(({ latency }) => toHistogram(latency)),
    ),
    toFamily(
      'scarmonit_time_to_first_token_seconds',
      'histogram',
      'From the request to its first token, for generated text that was answered well.',
      ofVersions(({ firstToken }) => toHistogram(firstToken)),
    ),
    toFamily(
      'scarmonit_queue_duration_seconds',
      'histogram',
      'From the request to the begin of its work, where the engine tells, for those that were answered well.',
      ofVersions(({ queue }) => toHistogram(queue)),
    ),
  ];
}

function toLabels(json: string): Readonly<Record<string, string>> {
  return JSON.parse(json);
}

/** Counts next to a bound may be off by the sketch's relative error of one per cent. Undefined without values. */
function toHistogram(milliseconds: QuantileSketch): HistogramValue | undefined {
  if (milliseconds.count === 0) return undefined;
  return {
    buckets: durationBounds.map((atMost) => ({
      atMost,
      count: milliseconds.count - milliseconds.countAbove(atMost * 1_000),
    })),
    count: milliseconds.count,
    sum: roundTo(milliseconds.sum / 1_000, 1e-6),
  };
}

/** Sums of fractions differ in their last digits by the order of summation, which must not look like a step back. */
function roundTo(value: number, unit: number): number {
  return Math.round(value / unit) / Math.round(1 / unit);
}
