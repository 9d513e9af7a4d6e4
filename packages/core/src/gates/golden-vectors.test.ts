import { describe, expect, it } from 'vitest';
import { wilsonInterval } from '../statistics/wilson-interval.ts';
import { bucketedLogE } from './bucketed-test.ts';
import { comparativeLogE } from './comparative-test.ts';
import { pairedLogE } from './paired-test.ts';
import { perRequestLogE } from './per-request-test.ts';

type Bucket = readonly [requests: number, events: number];
type Weighted = readonly [weight: number, candidate: number, stable: number];

const once = (buckets: readonly Bucket[]) => buckets.map(([requests, events]) => ({ requests, events, buckets: 1 }));
const weighted = (rows: readonly Weighted[]) =>
  rows.map(([weight, candidate, stable]) => ({ weight, candidate, stable }));
const full = (...events: readonly number[]): readonly Bucket[] => events.map((count) => [50, count] as const);

describe('log E agrees with the golden vectors to a millionth', () => {
  it.each([
    [0.01, 100, 0, -1.679046],
    [0.01, 100, 5, 3.114556],
    [0.01, 300, 9, 2.642812],
    [0.01, 1000, 20, 2.208963],
    [0.05, 200, 20, 2.387808],
    [0.05, 200, 10, -2.206827],
    [0.05, 30, 30, 86.585204],
  ])('per request: p0 = %f, %i requests, %i events', (p0, requests, events, logE) => {
    expect(Math.abs(perRequestLogE(p0, requests, events) - logE)).toBeLessThan(1e-6);
  });

  it.each([
    ['ten of rate 0', 0.01, full(0, 0, 0, 0, 0, 0, 0, 0, 0, 0), -0.772231],
    ['ten of rate 0.02', 0.01, full(1, 1, 1, 1, 1, 1, 1, 1, 1, 1), 4.190501],
    ['four that differ', 0.01, full(3, 0, 2, 4), 1.756086],
    [
      'unequal',
      0.01,
      [
        [50, 3],
        [10, 1],
        [25, 0],
        [50, 4],
      ] as const,
      2.299441,
    ],
    [
      'unequal',
      0.05,
      [
        [50, 5],
        [50, 6],
        [20, 4],
      ] as const,
      1.020362,
    ],
  ])('bucketed: %s, p0 = %f', (_, p0, buckets, logE) => {
    const test = { name: 'bucketed', p0, bucketSize: 50 } as const;
    expect(Math.abs(bucketedLogE(test, once(buckets)) - logE)).toBeLessThan(1e-6);
  });

  it.each([
    ['comparative', 1, [[0.1, 3, 9]] as const, 0.442865],
    [
      'comparative',
      1,
      [
        [0.05, 4, 10],
        [0.25, 9, 8],
      ] as const,
      5.509947,
    ],
    ['comparative', 1, [[0.5, 10, 10]] as const, -1.732513],
    ['non-inferiority', 2, [[0.5, 30, 35]] as const, 4.900164],
    [
      'non-inferiority',
      2,
      [
        [0.05, 2, 60],
        [0.25, 12, 40],
      ] as const,
      4.397182,
    ],
  ] as const)('%s: δ = %f, %j', (name, delta, rows, logE) => {
    expect(Math.abs(comparativeLogE({ name, delta }, weighted(rows)) - logE)).toBeLessThan(1e-6);
  });

  it.each([
    ['paired-worse', 0, { worse: 30, better: 10, same: 360 }, 3.610783],
    ['paired-worse', 0.01, { worse: 60, better: 30, same: 910 }, 1.281823],
    ['paired-no-worse', 0.02, { worse: 40, better: 42, same: 918 }, 1.714531],
  ] as const)('%s: margin %f, %j', (name, margin, pairs, logE) => {
    expect(Math.abs(pairedLogE({ name, margin }, pairs) - logE)).toBeLessThan(1e-6);
  });

  it.each([
    [0, 300, 0, 0.012643],
    [3, 300, 0.003407, 0.028983],
    [30, 100, 0.218949, 0.395849],
  ])('Wilson, 95 per cent: %i of %i', (events, trials, low, high) => {
    const interval = wilsonInterval(events, trials);
    expect(Math.abs(interval.low - low)).toBeLessThan(1e-6);
    expect(Math.abs(interval.high - high)).toBeLessThan(1e-6);
  });
});
