import { bucketedLogE } from './bucketed-test.ts';
import { comparativeLogE } from './comparative-test.ts';
import type { RolloutFacts } from './facts.ts';
import type { AbsoluteGate, Gate, GateReading, GateStatistics } from './gate.ts';
import { pairedLogE } from './paired-test.ts';
import { perRequestLogE } from './per-request-test.ts';
import { bucketsOf, exposureOf, requestsOf, statisticsOf } from './read-facts.ts';

/**
 * How sure stable's own e-process must be that it misses the goal, too. Wider than a gate's α: being wrong here delays a
 * roll-back until the comparison decides, and never causes one.
 */
const sharedIncidentAlpha = 0.05;

/**
 * Reads a gate off the facts. Looking as often as one likes costs nothing: the chance that `fail` is ever read of a
 * version that keeps the gate's null is at most `gate.alpha` (Ville's inequality). Whoever reads a failure acts on it or
 * remembers it, since log E may sink again.
 */
export function evaluateGate(gate: Gate, facts: RolloutFacts): GateReading {
  const statistics = statisticsOf(gate, facts);
  const logE = recomputeLogE(gate, statistics);
  const threshold = Math.log(1 / gate.alpha);
  const exposure = exposureOf(gate, facts);
  const reading = { gate: gate.id, logE, threshold, exposure, required: gate.required, statistics };
  const proves = gate.kind === 'non-inferiority';
  if (logE >= threshold) return { ...reading, verdict: proves ? 'pass' : 'fail' };
  if (exposure === 0) return { ...reading, verdict: 'inconclusive', reason: 'no-data' };
  if (proves) return { ...reading, verdict: 'inconclusive', reason: 'not-proven' };
  if (exposure < gate.required) return { ...reading, verdict: 'inconclusive', reason: 'not-enough-exposure' };
  return { ...reading, verdict: 'pass' };
}

/**
 * log E from the statistics of a reading or a receipt alone.
 * @throws RangeError for statistics of another test, or that no traffic can have
 */
export function recomputeLogE({ id, test }: Gate, statistics: GateStatistics): number {
  if (statistics.test === test.name) {
    if (test.name === 'bucketed' && 'buckets' in statistics) return bucketedLogE(test, statistics.buckets);
    if ('delta' in test && 'weights' in statistics) return comparativeLogE(test, statistics.weights);
    if ('margin' in test && 'pairs' in statistics) return pairedLogE(test, statistics.pairs);
  }
  throw new RangeError(`Statistics of the ${statistics.test} test say nothing about ${id}.`);
}

/**
 * Whether stable misses an absolute gate's goal, too, so that a failure of the candidate is a shared incident: by its own
 * e-process over the rollout, or by its recent requests alone. The second is what notices an incident at once: stable has
 * answered most of the traffic, and a long good history outweighs the first bad minute.
 */
export function stableMissesGoal(gate: AbsoluteGate, facts: RolloutFacts, recent: RolloutFacts): boolean {
  const threshold = Math.log(1 / sharedIncidentAlpha);
  if (bucketedLogE(gate.test, bucketsOf(gate.event, 'stable', facts)) >= threshold) return true;
  const { exposed, events } = requestsOf(gate.event, 'stable', recent);
  return perRequestLogE(gate.allowed, exposed, events) >= threshold;
}
