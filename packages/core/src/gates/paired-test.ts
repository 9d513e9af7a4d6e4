import { logMeanExp } from '../statistics/log-mean-exp.ts';
import { logSpaced } from '../statistics/log-spaced.ts';
import type { PairCounts } from './facts.ts';

/**
 * D is +1 for a pair with the candidate wrong and stable right, −1 for the reverse, else 0.
 * `paired-worse`: the null is E[D] ≤ margin. `paired-no-worse`: the null is E[D] ≥ margin.
 */
export interface PairedTest {
  readonly name: 'paired-worse' | 'paired-no-worse';
  /** How much accuracy may be lost, 0…1. */
  readonly margin: number;
}

/**
 * ln E of the paired test: an equal mixture over 16 bets λ, log-spaced from 0.02 to 0.9/(1 + m) on the candidate being
 * worse, `Π (1 + λ(D − m))`, or to 0.9/(1 − m) on its being no worse, `Π (1 − λ(D − m))`.
 * @throws RangeError for counts that no traffic can have
 * @see Waudby-Smith & Ramdas, arXiv 2010.09686
 */
export function pairedLogE(test: PairedTest, { worse, better, same }: PairCounts): number {
  if (![worse, better, same].every((count) => Number.isInteger(count) && count >= 0)) {
    throw new RangeError(`No traffic has ${worse} worse, ${better} better and ${same} equal pairs.`);
  }
  return logMeanExp(
    pairedBets(test).map((bet) => {
      const [onWorse, onBetter, onSame] = pairLogFactors(test, bet);
      return worse * onWorse + better * onBetter + same * onSame;
    }),
  );
}

/** The bets λ of the mixture. */
export function pairedBets(test: PairedTest): readonly number[] {
  return logSpaced(0.02, 0.9 / (1 + sideOf(test) * test.margin), 16);
}

/** What one pair of each kind adds to the ln E of one bet. */
export function pairLogFactors(
  test: PairedTest,
  bet: number,
): readonly [onWorse: number, onBetter: number, onSame: number] {
  const stake = sideOf(test) * bet;
  return [
    Math.log1p(stake * (1 - test.margin)),
    Math.log1p(stake * (-1 - test.margin)),
    Math.log1p(-stake * test.margin),
  ];
}

function sideOf({ name }: PairedTest): 1 | -1 {
  return name === 'paired-worse' ? 1 : -1;
}
