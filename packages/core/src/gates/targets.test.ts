import { describe, expect, it } from 'vitest';
import {
  drawClusters,
  type Landing,
  quantile,
  raceBucketed,
  raceComparative,
} from '../rollouts/simulation/race-tests.ts';
import { type Random, seededRandom } from '../rollouts/simulation/seeded-random.ts';
import { type BucketedTest, bucketedLogE } from './bucketed-test.ts';
import { type ComparativeTest, comparativeLogE } from './comparative-test.ts';

const goal: BucketedTest = { name: 'bucketed', p0: 0.01, bucketSize: 50 };
const requestsToFail = raceBucketed(goal, [0.01, 0.01 / 6]);

describe('the bucketed test at a goal of 1 %', () => {
  it('is what the simulations compute', () => {
    const events = [1, 0, 2, 1, 3, 0, 2, 4, 1, 5, 0, 2];
    const remaining = [...events];
    const [failedAfter] = requestsToFail(() => remaining.shift() ?? 0, 600);
    const logEs = events.map((_, last) =>
      bucketedLogE(
        goal,
        events.slice(0, last + 1).map((count) => ({ requests: 50, events: count, buckets: 1 })),
      ),
    );
    expect(failedAfter).toBe(50 * (logEs.findIndex((logE) => logE >= Math.log(100)) + 1));
    expect(failedAfter).toBeGreaterThan(100);
  });

  it.each([
    [2, 1750, 2300],
    [3, 700, 900],
    [5, 350, 400],
    [10, 200, 250],
  ])(
    'fails a candidate at %i in a hundred within a median of %i requests, of %i at a sixth of the budget',
    (percent, whole, sixth) => {
      const random = seededRandom(percent);
      const runs = Array.from({ length: 400 }, () =>
        requestsToFail(drawClusters(random, 50, percent / 100, 1), 40_000),
      );
      expect(quantile(runs.map(([requests = Number.NaN]) => requests))).toBeLessThanOrEqual(whole);
      expect(quantile(runs.map(([, requests = Number.NaN]) => requests))).toBeLessThanOrEqual(sixth);
    },
  );

  it.each([1, 5, 10])('fails seldom enough at the goal itself, in clusters of %i', (size) => {
    const random = seededRandom(100 + size);
    const runs = 4000;
    const failures = [0, 0];
    for (let run = 0; run < runs; run++) {
      const found = requestsToFail(drawClusters(random, 50, goal.p0, size), 10_000);
      for (const [index, requests] of found.entries())
        if (Number.isFinite(requests)) failures[index] = (failures[index] ?? 0) + 1;
    }
    const [whole = Number.NaN, sixth = Number.NaN] = failures;
    expect(whole / runs).toBeLessThanOrEqual(0.01);
    expect(sixth / runs).toBeLessThanOrEqual(0.003);
    // A test that never fails anything would pass the above.
    expect(whole).toBeGreaterThan(0);
  });
});

const comparison: ComparativeTest = { name: 'comparative', delta: 1 };
const candidateEventsToFail = raceComparative(comparison, 0.01);

const steps = [0.01, 0.05, 0.25, 0.5];

/** Requests one by one; the base rate goes from `from` to `to`, and the candidate's is `times` that. */
function* changingTraffic(
  random: Random,
  rate: { from: number; to: number; times: number },
  perStep: number,
): Iterable<Landing> {
  for (const [step, weight] of steps.entries()) {
    for (let request = 0; request < perStep; request++) {
      const base = rate.from + ((rate.to - rate.from) * (step * perStep + request)) / (steps.length * perStep);
      const onCandidate = random() < weight;
      if (random() < base * (onCandidate ? rate.times : 1)) yield { weight, onCandidate };
    }
  }
}

/** Users that keep their version within a step; each prone one has ten errors a step, and counts once a rollout. */
function* stickyUsers(random: Random, users: number): Iterable<Landing> {
  const positions = Array.from({ length: users }, () => random());
  const counted = new Set<number>();
  for (const weight of steps) {
    for (const [user, position] of positions.entries()) {
      if (random() >= 0.2) continue;
      for (let error = 0; error < 10; error++) {
        if (counted.has(user)) continue;
        counted.add(user);
        yield { weight, onCandidate: position < weight };
      }
    }
  }
}

function shareThatFails(runs: number, makeLandings: () => Iterable<Landing>): number {
  let failed = 0;
  for (let run = 0; run < runs; run++) if (Number.isFinite(candidateEventsToFail(makeLandings()))) failed++;
  return failed / runs;
}

describe('the comparison with stable', () => {
  it('is what the simulations compute', () => {
    const landings = [true, false, true, true, true, true, true].map((onCandidate, index) => ({
      weight: index < 3 ? 0.25 : 0.05,
      onCandidate,
    }));
    const failsAt = landings.findIndex((_, last) => {
      const count = (weight: number, candidate: boolean) =>
        landings.slice(0, last + 1).filter((row) => row.weight === weight && row.onCandidate === candidate).length;
      const rows = [0.25, 0.05].map((weight) => ({
        weight,
        candidate: count(weight, true),
        stable: count(weight, false),
      }));
      return comparativeLogE(comparison, rows) >= Math.log(100);
    });
    expect(candidateEventsToFail(landings)).toBe(
      landings.slice(0, failsAt + 1).filter((row) => row.onCandidate).length,
    );
  });

  it.each([
    ['changing weights', { from: 0.01, to: 0.01, times: 1 }],
    ['a base rate that rises tenfold', { from: 0.003, to: 0.03, times: 1 }],
    ['a base rate that falls tenfold', { from: 0.03, to: 0.003, times: 1 }],
  ])('fails equal versions in at most one rollout of a hundred under %s', (_, rate) => {
    const random = seededRandom(11);
    expect(shareThatFails(1000, () => changingTraffic(random, rate, 2000))).toBeLessThanOrEqual(0.01);
  });

  it('fails equal versions in at most 1 % of rollouts with sticky users of ten errors each', () => {
    const random = seededRandom(12);
    expect(shareThatFails(2000, () => stickyUsers(random, 500))).toBeLessThanOrEqual(0.01);
  });

  it('finds three times the errors within a median of 20 candidate events', () => {
    const random = seededRandom(13);
    const found = Array.from({ length: 500 }, () =>
      candidateEventsToFail(changingTraffic(random, { from: 0.01, to: 0.01, times: 3 }, 20_000)),
    );
    expect(quantile(found)).toBeLessThanOrEqual(20);
  });
});
