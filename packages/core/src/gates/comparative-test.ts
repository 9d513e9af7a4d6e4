import { logMeanExp } from '../statistics/log-mean-exp.ts';
import { logSpaced } from '../statistics/log-spaced.ts';

/**
 * `comparative`: the null is that the candidate's rate of events is at most δ × stable's at the same time.
 * `non-inferiority`: the null is that it is at least δ × stable's.
 */
export interface ComparativeTest {
  readonly name: 'comparative' | 'non-inferiority';
  readonly delta: number;
}

/** Events by the weight with which their request (or key) was assigned. Never pooled over different weights. */
export type ComparativeStatistics = readonly {
  /** Candidate's share of the traffic. */
  readonly weight: number;
  readonly candidate: number;
  readonly stable: number;
}[];

/**
 * ln E of the comparison. Given that an event happened, it fell on the candidate with chance `wδ/(wδ + 1 − w)` at the
 * edge of the null; how often events happen at all, and how that drifts, cancels out. The alternatives are ratios r:
 * δ × 24 values log-spaced from 1.1 to 20, or δ × 12 values from 0.25 to 0.95 for non-inferiority, each with the chance
 * `wr/(wr + 1 − w)`, mixed with equal weights. Events under a weight of 0 or 1 have nothing to be compared with and
 * carry no evidence.
 * @throws RangeError for counts that no traffic can have
 * @see Lindon & Malek, arXiv 2011.03567; Lindon, Sanden & Shirikian, arXiv 2205.14762
 */
export function comparativeLogE(test: ComparativeTest, statistics: ComparativeStatistics): number {
  for (const row of statistics) checkRow(row);
  return logMeanExp(
    comparativeRatios(test).map((ratio) => {
      let sum = 0;
      for (const { weight, candidate, stable } of statistics) {
        if (weight <= 0 || weight >= 1) continue;
        const [onCandidate, onStable] = eventLogFactors(test, ratio, weight);
        sum += candidate * onCandidate + stable * onStable;
      }
      return sum;
    }),
  );
}

/** The alternatives r of the mixture. */
export function comparativeRatios({ name, delta }: ComparativeTest): readonly number[] {
  const multiples = name === 'comparative' ? logSpaced(1.1, 20, 24) : logSpaced(0.25, 0.95, 12);
  return multiples.map((multiple) => delta * multiple);
}

/** What one event on the candidate, and one on stable, adds to the ln E of one alternative. */
export function eventLogFactors(
  { delta }: ComparativeTest,
  ratio: number,
  weight: number,
): readonly [onCandidate: number, onStable: number] {
  const scale = Math.log((weight * delta + 1 - weight) / (weight * ratio + 1 - weight));
  return [Math.log(ratio / delta) + scale, scale];
}

function checkRow({ weight, candidate, stable }: ComparativeStatistics[number]): void {
  const whole = Number.isInteger(candidate) && Number.isInteger(stable);
  if (whole && candidate >= 0 && stable >= 0 && weight >= 0 && weight <= 1) return;
  throw new RangeError(`No traffic has ${candidate} and ${stable} events at a weight of ${weight}.`);
}
