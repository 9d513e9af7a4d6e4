import { evaluateGate } from '../gates/evaluate-gate.ts';
import type { RolloutFacts } from '../gates/facts.ts';
import type { GateReading } from '../gates/gate.ts';
import { factsSince } from '../gates/merge-facts.ts';
import type { Rollout, RolloutState } from './rollout.ts';

/**
 * Reads every gate of a rollout, in the order of its plan.
 * @param evaluate how one gate is read
 */
export function readGates(
  { plan }: Pick<Rollout, 'plan'>,
  { evidenceFrom, renewedFrom }: Pick<RolloutState, 'evidenceFrom' | 'renewedFrom'>,
  facts: RolloutFacts,
  evaluate: typeof evaluateGate = evaluateGate,
): readonly GateReading[] {
  const own = factsSince(facts, evidenceFrom);
  const compared = factsSince(facts, renewedFrom);
  return plan.gates.map((gate) => evaluate(gate, gate.kind === 'absolute' ? own : compared));
}
