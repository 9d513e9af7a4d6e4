import { evaluateGate } from '../gates/evaluate-gate.ts';
import type { RolloutFacts } from '../gates/facts.ts';
import type { Gate, GateReading } from '../gates/gate.ts';
import { factsSince } from '../gates/merge-facts.ts';
import type { Rollout, RolloutState } from './rollout.ts';

/**
 * Reads every gate of a rollout, in the order of its plan.
 * @param evaluate how one gate is read
 */
export function readGates(
  { plan }: Pick<Rollout, 'plan'>,
  state: Pick<RolloutState, 'evidenceFrom' | 'renewedFrom'>,
  facts: RolloutFacts,
  evaluate: typeof evaluateGate = evaluateGate,
): readonly GateReading[] {
  return plan.gates.map((gate) => evaluate(gate, evidenceFor(gate, state, facts)));
}

/** What of the facts counts for a gate. */
export function evidenceFor(
  { kind }: Gate,
  { evidenceFrom, renewedFrom }: Pick<RolloutState, 'evidenceFrom' | 'renewedFrom'>,
  facts: RolloutFacts,
): RolloutFacts {
  return factsSince(facts, kind === 'absolute' ? evidenceFrom : renewedFrom);
}
