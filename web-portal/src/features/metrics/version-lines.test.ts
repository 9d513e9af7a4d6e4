import type { MetricsPointView, MetricsSeriesView } from '@scarmonit/protocol/admin/metrics';
import { describe, expect, it } from 'vitest';
import { toColumns } from './chart-options.ts';
import { readWindow } from './shown-window.ts';
import { findLatest, isEmpty, toVersionLines } from './to-version-lines.ts';

const from = 1_790_000_040_000;
const stepMs = 60_000;

const point = (change: Partial<MetricsPointView> = {}): MetricsPointView => ({
  requests: 0,
  errorRate: null,
  latencyP50Ms: null,
  latencyP95Ms: null,
  latencyP99Ms: null,
  firstTokenP95Ms: null,
  ...change,
});

const series: MetricsSeriesView = {
  from,
  to: from + 3 * stepMs,
  stepMs,
  times: [from, from + stepMs, from + 2 * stepMs],
  lines: [
    {
      version: '1.2.0',
      points: [
        point({ requests: 120, latencyP50Ms: 10, latencyP95Ms: 20, latencyP99Ms: 30 }),
        point(),
        point({ requests: 6, latencyP50Ms: 11, latencyP95Ms: 21, latencyP99Ms: 31 }),
      ],
    },
    { version: '1.3.0', points: [point(), point({ requests: 60, latencyP95Ms: 5 }), point()] },
  ],
};
const now = from + 2.5 * stepMs;

describe('the lines of a chart', () => {
  it('stand in the middle of their steps, in seconds, with gaps where nothing was asked', () => {
    const lines = toVersionLines(series, 'latency', now);
    expect(lines.times).toEqual([from / 1000 + 30, from / 1000 + 90, from / 1000 + 150]);
    expect(lines.versions[0]).toEqual({
      version: '1.2.0',
      values: [
        [10, null, 11],
        [20, null, 21],
        [30, null, 31],
      ],
    });
    expect(toColumns(lines)).toHaveLength(1 + 2 * 3);
  });

  it('of requests a second leave out the step that runs', () => {
    expect(toVersionLines(series, 'throughput', now).versions.map(({ values }) => values)).toEqual([
      [[2, 0, null]],
      [[0, 1, null]],
    ]);
  });

  it('are told by the last step that any version has', () => {
    expect(findLatest(toVersionLines(series, 'latency', now))).toBe(2);
    expect(findLatest(toVersionLines(series, 'errorRate', now))).toBeUndefined();
    expect(isEmpty(toVersionLines(series, 'errorRate', now))).toBe(true);
    expect(isEmpty(toVersionLines(series, 'latency', now))).toBe(false);
  });
});

describe('a window in an address', () => {
  it.each([
    ['24h', '24h'],
    ['1h', undefined],
    ['3y', undefined],
    [7, undefined],
  ])('%s is read as %s', (value, window) => {
    expect(readWindow(value)).toBe(window);
  });
});
