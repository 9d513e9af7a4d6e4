import type { ModelView } from '@scarmonit/protocol/admin/model';
import type { PredictionView } from '@scarmonit/protocol/admin/prediction';
import { describe, expect, it } from 'vitest';
import { chooseWindow } from './choose-window.ts';
import { listFigures } from './list-figures.ts';
import { toLatencySeries } from './to-latency-series.ts';
import { quantile, windowRequests } from './window-requests.ts';

const minuteMs = 60_000;
const now = 1_790_000_000_000;

const ask = (minutesAgo: number, change: Partial<PredictionView> = {}): PredictionView => ({
  id: '01',
  requestId: 'req_01',
  createdAt: now - minutesAgo * minuteMs,
  keyId: 'key-1',
  model: 'support-chat',
  version: '1.2.0',
  route: '/v1/chat/completions',
  outcome: 'ok',
  status: 200,
  stream: false,
  latencyMs: 100,
  firstTokenMs: null,
  queueMs: null,
  inputTokens: 0,
  outputTokens: 0,
  costUsd: 0,
  ...change,
});

const model: ModelView = {
  name: 'support-chat',
  task: 'chat',
  stable: '1.2.0',
  createdAt: now - 3 * minuteMs,
  goals: { maxLatencyMs: 500, maxErrorRate: 0.01 },
  versions: [],
};

const figuresOf = (requests: readonly PredictionView[]) =>
  listFigures({
    model,
    window: windowRequests(requests, { now, lengthMs: 60 * minuteMs, buckets: 30 }),
    title: 'last hour',
    traffic: undefined,
    now,
  });

describe('the figures', () => {
  it('are the eight of the overview', () => {
    expect(figuresOf([]).map(({ title }) => title)).toEqual([
      'P95 latency',
      'Error rate',
      'Throughput',
      'Accuracy',
      'Version',
      'Uptime',
      'Last updated',
      'Active users',
    ]);
  });

  it('that nobody knows have a reason and no value', () => {
    for (const { title, measure, why } of figuresOf([])) {
      if (title === 'Version' || title === 'Last updated') continue;
      expect({ title, measure, why }).toEqual({ title, measure: undefined, why: expect.stringMatching(/\w+\.$/) });
    }
  });

  it('say whether a goal is met', () => {
    const slow = figuresOf([ask(1, { latencyMs: 501 }), ask(2, { outcome: 'error' })]);
    expect(slow.slice(0, 2).map(({ measure, goal }) => [measure?.value, goal?.isMet])).toEqual([
      ['501', false],
      ['50', false],
    ]);
    expect(
      figuresOf([ask(1)])
        .slice(0, 2)
        .map(({ goal }) => goal?.isMet),
    ).toEqual([true, true]);
  });

  it('do not count who left or asked wrongly, nor what is older', () => {
    const { total } = windowRequests(
      [ask(1), ask(1, { outcome: 'cancelled' }), ask(1, { outcome: 'client_error' }), ask(61)],
      { now, lengthMs: 60 * minuteMs, buckets: 30 },
    );
    expect(total).toMatchObject({ requests: 1, failed: 0, latenciesMs: [100] });
  });
});

describe('the window', () => {
  it.each([
    [2, true, 'last 5 min'],
    [14, true, 'last 15 min'],
    [600, true, 'last hour'],
    [20, false, 'last 15 min'],
    [70, false, 'last hour'],
    [2, false, 'latest requests'],
  ])('for requests up to %d min old, all of them: %s, is the %s', (minutes, isAll, title) => {
    expect(chooseWindow(now - minutes * minuteMs, now, isAll).title).toBe(title);
  });
});

describe('quantiles', () => {
  it('are a value that was seen, by nearest rank', () => {
    const values = Array.from({ length: 20 }, (_, index) => index + 1);
    expect([0.5, 0.95, 1].map((share) => quantile(values, share))).toEqual([10, 19, 20]);
    expect(quantile([7], 0.95)).toBe(7);
    expect(quantile([], 0.95)).toBeUndefined();
  });

  it('over time are apart by version, with gaps where nothing was asked', () => {
    const requests = [ask(9, { latencyMs: 10 }), ask(9, { latencyMs: 30 }), ask(1, { version: '1.3.0', latencyMs: 5 })];
    const series = toLatencySeries(requests, { from: now - 10 * minuteMs, to: now, buckets: 2 });
    expect(series.versions).toEqual([
      { version: '1.2.0', p50: [10, null], p95: [30, null] },
      { version: '1.3.0', p50: [null, 5], p95: [null, 5] },
    ]);
    expect(series.times).toEqual([(now - 7.5 * minuteMs) / 1000, (now - 2.5 * minuteMs) / 1000]);
  });
});
