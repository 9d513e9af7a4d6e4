import { evaluateGate } from '../gates/evaluate-gate.ts';
import type { RolloutFacts } from '../gates/facts.ts';
import type { GateReading } from '../gates/gate.ts';
import { factsSince } from '../gates/merge-facts.ts';
import type { Rollout, RolloutState } from './rollout.ts';

/** Reads every gate of a rollout, in the order of its plan. */
export function readGates(
  { plan }: Pick<Rollout, 'plan'>,
  { evidenceFrom }: Pick<RolloutState, 'evidenceFrom'>,
  facts: RolloutFacts,
): readonly GateReading[] {
  const recent = factsSince(facts, evidenceFrom);
  return plan.gates.map((gate) => evaluateGate(gate, gate.kind === 'absolute' ? recent : facts));
}
