import { beforeEach, expect, it } from 'vitest';
import { testPrediction } from '../../test/predictions.ts';
import { MetricCounters } from '../metrics/metric-counters.ts';
import { hourMs } from '../metrics/windows.ts';
import type { MetricRow, MetricsQuery } from '../ports/metrics-repository.ts';
import { TotalsReader } from './read-totals.ts';

const begin = Math.floor(1_700_000_000_000 / hourMs) * hourMs;

let rows: MetricRow[];
let asked: MetricsQuery[];
let reader: TotalsReader;
beforeEach(() => {
  rows = [];
  asked = [];
  const list = async (_: string, query: MetricsQuery) => {
    asked.push(query);
    return rows.filter(({ startedAt }) => startedAt >= query.from && startedAt < query.to);
  };
  reader = new TotalsReader({ list }, 'default');
});

const serve = (at: number, requests: number, latencyMs = 100): void => {
  const counters = new MetricCounters(String(rows.length));
  for (let request = 0; request < requests; request += 1) {
    counters.count(testPrediction({ createdAt: at, latencyMs }));
  }
  rows.push(...counters.take(at).flush.minutes);
};

const countOf = (read: readonly MetricRow[]): number => read.reduce((sum, { requests }) => sum + requests, 0);

it('reads the past once, and adds what has settled since hour by hour', async () => {
  serve(begin, 5);
  serve(begin + 3.5 * hourMs, 2);
  expect(countOf(await reader.read(begin + 4 * hourMs))).toBe(7);
  serve(begin + 4.2 * hourMs, 3);
  expect(countOf(await reader.read(begin + 4.5 * hourMs))).toBe(10);
  expect(countOf(await reader.read(begin + 7 * hourMs))).toBe(10);
  expect(asked.map(({ from, to, longest }) => [(from - begin) / hourMs, (to - begin) / hourMs, longest])).toEqual([
    [-begin / hourMs, 2, 'all'],
    [2, expect.closeTo(4, 1), 'hour'],
    [2, expect.closeTo(4.5, 1), 'hour'],
    [2, 5, 'hour'],
    [5, expect.closeTo(7, 1), 'hour'],
  ]);
});

it('keeps one row for each series of what has settled, with all that they held', async () => {
  for (let hour = 0; hour < 48; hour += 1) serve(begin + hour * hourMs, 10, 50 + hour);
  const read = await reader.read(begin + 100 * hourMs);
  expect(read).toHaveLength(1);
  expect(read[0]).toMatchObject({ requests: 480, inputTokens: 1_440, outputTokens: 2_400 });
});

it('counts what is written an hour late', async () => {
  const now = begin + 10 * hourMs;
  serve(now - 5 * hourMs, 1);
  await reader.read(now);
  serve(now - hourMs, 4);
  expect(countOf(await reader.read(now + 1_000))).toBe(5);
  expect(countOf(await reader.read(now + 5 * hourMs))).toBe(5);
});

it('is not confused by a clock that goes back', async () => {
  serve(begin, 5);
  await reader.read(begin + 10 * hourMs);
  expect(countOf(await reader.read(begin + 5 * hourMs))).toBe(5);
});
