import { type BucketedTest, bucketedBets, bucketLogFactor } from './bucketed-test.ts';
import { type ComparativeTest, comparativeRatios, eventLogFactors } from './comparative-test.ts';
import type { Gate } from './gate.ts';
import { type PairedTest, pairedBets, pairLogFactors } from './paired-test.ts';
import { isPaired, isSplit } from './read-facts.ts';

/** The 90 % point of the standard normal distribution: the power that is asked for. */
const power90 = 1.2815515655446004;

/**
 * How many units of the candidate a gate must have seen for its silence to mean something: then a regression of `detect`
 * × the goal would have failed it with 90 % power. Requests, keys or labelled pairs; 0 for a proof, and for a comparison
 * at a weight of 0 or 1, which has nothing to compare.
 *
 * For a comparison, stable is taken to be just at its goal. For the paired test the two versions are taken to err
 * independently of each other: versions that agree more than that need fewer pairs.
 * @param weight candidate's share of the traffic meanwhile; with several, the largest needs the most
 */
export function requiredExposure(gate: Gate, detect: number, weight: number): number {
  if (gate.kind === 'non-inferiority') return 0;
  if (isPaired(gate)) {
    const wrong = 1 - gate.target;
    const regressed = regressedRate(wrong, detect);
    const discordance = regressed + wrong - 2 * regressed * wrong;
    return requiredPairs(gate.test, regressed - wrong, discordance, gate.alpha);
  }
  const regressed = regressedRate(gate.allowed, detect);
  if (gate.kind === 'absolute') return requiredRequests(gate.test, regressed, gate.alpha);
  if (!isSplit(weight)) return 0;
  return requiredUnits(gate.test, weight, { candidate: regressed, stable: gate.allowed }, gate.alpha);
}

/** `detect` times as many events, but never more than leaves 1/`detect` of the good answers. */
export function regressedRate(allowed: number, detect: number): number {
  return Math.min(detect * allowed, 1 - (1 - allowed) / detect);
}

/**
 * Candidate requests after which the bucketed test has failed a version with the rate `p1` with 90 % power, rounded up to
 * whole buckets. ∞ when it may never fail.
 *
 * For each bet λ, ln E is at least S_λ − ln 16 where S_λ is the sum of the bet over the buckets; it passes the threshold
 * with 90 % chance after T buckets when `T·mean − 1.28·√(T·variance) ≥ ln(16/α)` (normal approximation). The bet that
 * needs the least T decides. The likelihood bound 1.3·ln(1/α)/KL(p1‖p0) is not enough here: buckets pay for holding in
 * clusters, and it has a power of 0 to 50 % there.
 */
export function requiredRequests(test: BucketedTest, p1: number, alpha: number): number {
  const rates = binomial(test.bucketSize, p1);
  const bets = bucketedBets(test.p0);
  let buckets = Number.POSITIVE_INFINITY;
  for (const bet of bets) {
    let mean = 0;
    let square = 0;
    for (const [events, chance] of rates.entries()) {
      const gain = bucketLogFactor(test, bet, test.bucketSize, events);
      mean += chance * gain;
      square += chance * gain * gain;
    }
    buckets = Math.min(buckets, rounds(mean, square - mean * mean, Math.log(bets.length / alpha)));
  }
  return Math.ceil(buckets) * test.bucketSize;
}

/**
 * Candidate units (requests or keys) after which a comparison at one weight has reached 1/α with 90 % power, when the
 * candidate's rate is `candidateRate` and stable's `stableRate`. Events of rare kinds are nearly Poisson, which makes the
 * mean and the variance of each alternative's sum a matter of two products. ∞ when it may never get there.
 */
export function requiredUnits(
  test: ComparativeTest,
  weight: number,
  rates: { readonly candidate: number; readonly stable: number },
  alpha: number,
): number {
  const ratios = comparativeRatios(test);
  const stableEvents = (rates.stable * (1 - weight)) / weight;
  let units = Number.POSITIVE_INFINITY;
  for (const ratio of ratios) {
    const [onCandidate, onStable] = eventLogFactors(test, ratio, weight);
    const mean = rates.candidate * onCandidate + stableEvents * onStable;
    const variance = rates.candidate * onCandidate ** 2 + stableEvents * onStable ** 2;
    units = Math.min(units, rounds(mean, variance, Math.log(ratios.length / alpha)));
  }
  return Math.ceil(units);
}

/**
 * Labelled pairs after which the paired test has failed a candidate that is `drop` less accurate, with 90 % power, when
 * the versions differ in being right on a share `discordance` (at least `drop`) of the pairs.
 */
export function requiredPairs(test: PairedTest, drop: number, discordance: number, alpha: number): number {
  const worse = (discordance + drop) / 2;
  const better = (discordance - drop) / 2;
  const bets = pairedBets(test);
  let pairs = Number.POSITIVE_INFINITY;
  for (const bet of bets) {
    const [onWorse, onBetter, onSame] = pairLogFactors(test, bet);
    const mean = worse * onWorse + better * onBetter + (1 - discordance) * onSame;
    const square = worse * onWorse ** 2 + better * onBetter ** 2 + (1 - discordance) * onSame ** 2;
    pairs = Math.min(pairs, rounds(mean, square - mean * mean, Math.log(bets.length / alpha)));
  }
  return Math.ceil(pairs);
}

/** T with `T·mean − z·√(T·variance) = target`, the larger root in √T. */
function rounds(mean: number, variance: number, target: number): number {
  if (mean <= 0) return Number.POSITIVE_INFINITY;
  const root = (power90 * Math.sqrt(variance) + Math.sqrt(power90 ** 2 * variance + 4 * mean * target)) / (2 * mean);
  return root * root;
}

function binomial(trials: number, chance: number): readonly number[] {
  const chances = [(1 - chance) ** trials];
  for (let events = 0; events < trials; events++) {
    const last = chances[events] ?? 0;
    chances.push((last * ((trials - events) / (events + 1)) * chance) / (1 - chance));
  }
  return chances;
}
