import { describe, expect, it } from 'vitest';
import { type Random, seededRandom } from '../rollouts/simulation/seeded-random.ts';
import { type BucketedTest, bucketedBets, bucketLogFactor } from './bucketed-test.ts';
import { type ComparativeTest, comparativeRatios, eventLogFactors } from './comparative-test.ts';
import { type PairedTest, pairedBets, pairLogFactors } from './paired-test.ts';
import { regressedRate, requiredPairs, requiredRequests, requiredUnits } from './required-exposure.ts';

/** One step of a test: what each alternative of its mixture gains, and the units that it took. */
type Step = readonly [gains: readonly number[], units: number];

/** Share of 500 runs, the power, whose mixture reaches 1/α within `limit` units. */
function powerOf(alpha: number, limit: number, begin: () => () => Step): number {
  let reached = 0;
  for (let run = 0; run < 500; run++) {
    const draw = begin();
    const sums: number[] = [];
    for (let units = 0; ; ) {
      const [gains, took] = draw();
      units += took;
      if (units > limit) break;
      let mixture = 0;
      for (const [index, gain] of gains.entries()) {
        const sum = (sums[index] ?? 0) + gain;
        sums[index] = sum;
        mixture += Math.exp(sum);
      }
      if (mixture < gains.length / alpha) continue;
      reached++;
      break;
    }
  }
  return reached / 500;
}

function drawBuckets(random: Random, test: BucketedTest, rate: number): () => Step {
  const gains = Array.from({ length: test.bucketSize + 1 }, (_, events) =>
    bucketedBets(test.p0).map((bet) => bucketLogFactor(test, bet, test.bucketSize, events)),
  );
  return () => {
    let events = 0;
    for (let request = 0; request < test.bucketSize; request++) if (random() < rate) events++;
    return [gains[events] ?? [], test.bucketSize];
  };
}

/** Events come as a Poisson process in the candidate's units. */
function drawEvents(
  random: Random,
  test: ComparativeTest,
  weight: number,
  rates: { candidate: number; stable: number },
): () => Step {
  const factors = comparativeRatios(test).map((ratio) => eventLogFactors(test, ratio, weight));
  const all = rates.candidate + (rates.stable * (1 - weight)) / weight;
  return () => {
    const side = random() < rates.candidate / all ? 0 : 1;
    return [factors.map((factor) => factor[side]), -Math.log(1 - random()) / all];
  };
}

function drawPairs(random: Random, test: PairedTest, drop: number, discordance: number): () => Step {
  const factors = pairedBets(test).map((bet) => pairLogFactors(test, bet));
  return () => {
    const luck = random();
    const kind = luck < (discordance + drop) / 2 ? 0 : luck < discordance ? 1 : 2;
    return [factors.map((factor) => factor[kind]), 1];
  };
}

describe('the exposure that silence takes', () => {
  it.each([
    [0.01, 2, 0.01],
    [0.01, 5, 0.01],
    [0.01, 5, 0.01 / 6],
    [0.05, 2, 0.01 / 6],
    [0.05, 5, 0.01 / 6],
    [0.002, 5, 0.01 / 4],
    [0.2, 5, 0.01 / 4],
    // Most buckets are full of events.
    [0.5, 50, 0.01],
  ])('gives the bucketed test at %f the power to see %i times that, α = %f', (p0, times, alpha) => {
    const test: BucketedTest = { name: 'bucketed', p0, bucketSize: 50 };
    const rate = regressedRate(p0, times);
    const random = seededRandom(21);
    const required = requiredRequests(test, rate, alpha);
    expect(powerOf(alpha, required, () => drawBuckets(random, test, rate))).toBeGreaterThanOrEqual(0.9);
    // Much less is not enough: the figure is no mere upper bound.
    expect(powerOf(alpha, required * 0.6, () => drawBuckets(random, test, rate))).toBeLessThan(0.9);
  });

  it.each([
    [0.05, 2],
    [0.05, 5],
    [0.5, 2],
    [0.5, 5],
  ])('gives the comparison at a weight of %f the power to see %i times the events', (weight, times) => {
    const test: ComparativeTest = { name: 'comparative', delta: 1 };
    const rates = { candidate: 0.01 * times, stable: 0.01 };
    const random = seededRandom(22);
    const required = requiredUnits(test, weight, rates, 0.01 / 6);
    expect(powerOf(0.01 / 6, required, () => drawEvents(random, test, weight, rates))).toBeGreaterThanOrEqual(0.9);
    expect(powerOf(0.01 / 6, required * 0.6, () => drawEvents(random, test, weight, rates))).toBeLessThan(0.9);
  });

  it('gives a proof of non-inferiority the power to come in', () => {
    const test: ComparativeTest = { name: 'non-inferiority', delta: 2 };
    const rates = { candidate: 0.01, stable: 0.01 };
    const random = seededRandom(23);
    const required = requiredUnits(test, 0.25, rates, 0.05);
    expect(powerOf(0.05, required, () => drawEvents(random, test, 0.25, rates))).toBeGreaterThanOrEqual(0.9);
    expect(powerOf(0.05, required * 0.5, () => drawEvents(random, test, 0.25, rates))).toBeLessThan(0.9);
  });

  it('gives the paired test the power to see a drop of 3 % at a discordance of 10 %', () => {
    const test: PairedTest = { name: 'paired-worse', margin: 0 };
    const random = seededRandom(24);
    const required = requiredPairs(test, 0.03, 0.1, 0.01);
    expect(powerOf(0.01, required, () => drawPairs(random, test, 0.03, 0.1))).toBeGreaterThanOrEqual(0.9);
    expect(powerOf(0.01, required * 0.5, () => drawPairs(random, test, 0.03, 0.1))).toBeLessThan(0.9);
  });

  it('is endless for what keeps the null', () => {
    expect(requiredRequests({ name: 'bucketed', p0: 0.01, bucketSize: 50 }, 0.01, 0.01)).toBe(Number.POSITIVE_INFINITY);
    expect(requiredUnits({ name: 'comparative', delta: 1 }, 0.5, { candidate: 0.01, stable: 0.01 }, 0.01)).toBe(
      Number.POSITIVE_INFINITY,
    );
  });

  it('is endless for pairs that are all alike: there is nothing to be worse at', () => {
    expect(requiredPairs({ name: 'paired-worse', margin: 0 }, 0, 0, 0.01)).toBe(Number.POSITIVE_INFINITY);
  });
});
