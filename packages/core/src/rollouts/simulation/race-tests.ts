import { type BucketedTest, bucketedBets, bucketLogFactor } from '../../gates/bucketed-test.ts';
import { type ComparativeTest, comparativeRatios, eventLogFactors } from '../../gates/comparative-test.ts';
import type { Random } from './seeded-random.ts';

/** One event of a comparison: the weight of its request (or key), and where it fell. */
export interface Landing {
  readonly weight: number;
  readonly onCandidate: boolean;
}

/**
 * Makes a runner for one test over many made-up rollouts, from tables and one running sum a bet, so that millions of
 * requests take a second. It computes the same log E as the gate.
 * @returns a function that draws the events of one full bucket after the other, at most `limit` requests, and gives the
 *   requests after which each of the α was reached, ∞ where it was not
 */
export function raceBucketed(
  test: BucketedTest,
  alphas: readonly number[],
): (drawBucket: () => number, limit: number) => readonly number[] {
  const bets = bucketedBets(test.p0);
  const gains = Array.from({ length: test.bucketSize + 1 }, (_, events) =>
    Float64Array.from(bets, (bet) => bucketLogFactor(test, bet, test.bucketSize, events)),
  );
  const targets = alphas.map((alpha) => bets.length / alpha);
  return (drawBucket, limit) => {
    const sums = new Float64Array(bets.length);
    const found = targets.map(() => Number.POSITIVE_INFINITY);
    let open = targets.length;
    for (let requests = test.bucketSize; requests <= limit && open > 0; requests += test.bucketSize) {
      const mixture = addGains(sums, gains[drawBucket()]);
      for (const [index, target] of targets.entries()) {
        if (mixture < target || found[index] !== Number.POSITIVE_INFINITY) continue;
        found[index] = requests;
        open--;
      }
    }
    return found;
  };
}

/** The same for a comparison: takes events in order, gives the candidate's events until 1/α was reached, or ∞. */
export function raceComparative(test: ComparativeTest, alpha: number): (landings: Iterable<Landing>) => number {
  const ratios = comparativeRatios(test);
  const tables = new Map<number, { readonly onCandidate: Float64Array; readonly onStable: Float64Array }>();
  const tableOf = (weight: number) => {
    let table = tables.get(weight);
    if (table === undefined) {
      const factors = ratios.map((ratio) => eventLogFactors(test, ratio, weight));
      table = {
        onCandidate: Float64Array.from(factors, ([gain]) => gain),
        onStable: Float64Array.from(factors, ([, gain]) => gain),
      };
      tables.set(weight, table);
    }
    return table;
  };
  return (landings) => {
    const sums = new Float64Array(ratios.length);
    let candidateEvents = 0;
    for (const { weight, onCandidate } of landings) {
      if (onCandidate) candidateEvents++;
      const table = tableOf(weight);
      const mixture = addGains(sums, onCandidate ? table.onCandidate : table.onStable);
      if (mixture >= ratios.length / alpha) return candidateEvents;
    }
    return Number.POSITIVE_INFINITY;
  };
}

/**
 * Draws the events of one bucket after the other when they come in clusters: `size` requests in a row share their fate,
 * from anywhere in the first bucket.
 */
export function drawClusters(random: Random, bucketSize: number, rate: number, size: number): () => number {
  let left = Math.floor(random() * size);
  let failing = random() < rate;
  return () => {
    let events = 0;
    for (let request = 0; request < bucketSize; request++) {
      if (left === 0) {
        left = size;
        failing = random() < rate;
      }
      left--;
      if (failing) events++;
    }
    return events;
  };
}

/** The value in the middle, of at least one; `share` other than a half gives another quantile. */
export function quantile(values: readonly number[], share: number = 0.5): number {
  return values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? Number.NaN;
}

/** Adds a step to each bet's sum; returns the sum of the bets' E. */
function addGains(sums: Float64Array, gains: Float64Array | undefined): number {
  let mixture = 0;
  for (let bet = 0; bet < sums.length; bet++) {
    const sum = (sums[bet] ?? 0) + (gains?.[bet] ?? 0);
    sums[bet] = sum;
    mixture += Math.exp(sum);
  }
  return mixture;
}
