import { stableMissesGoal } from './evaluate-gate.ts';
import type { RolloutFacts } from './facts.ts';
import type { Gate, GateReading } from './gate.ts';

/** So many exits of the candidate's engine end a rollout, whatever the rates say. */
const crashLimit = 3;

/** What the failures of a rollout call for. `because` names gates, or is empty for crashes. */
export type FailureDecision =
  | { readonly action: 'none' }
  | {
      readonly action: 'rollback';
      readonly cause: 'crashes' | 'worse-than-stable' | 'misses-goal';
      readonly because: readonly string[];
    }
  | {
      /** Weights stay, a person is called, all gates go on: a later `rollback` still holds. */
      readonly action: 'freeze';
      readonly cause: 'shared-incident' | 'sticky-keys';
      readonly because: readonly string[];
    };

/**
 * What the failed gates call for: three crashes of the candidate's engine, or a comparison that went against it, roll
 * back. An absolute gate alone rolls back only where requests were assigned one by one and stable keeps the goal: when
 * stable misses it, too, the incident is shared, and with sticky assignment a few heavy keys can be all there is. Both
 * freeze.
 * @param readings of all gates; a failure that was read earlier counts as well, so hand in what was remembered
 * @param facts of the whole rollout, or since the last shared incident ended
 * @param recent of the last few minutes: {@link subtractFacts} what was known then from what is known now
 */
export function decideFailure(
  gates: readonly Gate[],
  readings: readonly GateReading[],
  facts: RolloutFacts,
  assignment: 'per-request' | 'sticky',
  recent: RolloutFacts,
): FailureDecision {
  if (facts.crashes >= crashLimit) return { action: 'rollback', cause: 'crashes', because: [] };
  const failed = gates.filter(({ id }) => readings.some(({ gate, verdict }) => gate === id && verdict === 'fail'));
  const worse = failed.filter(({ kind }) => kind !== 'absolute');
  if (worse.length > 0) return { action: 'rollback', cause: 'worse-than-stable', because: idsOf(worse) };
  const missed = failed.filter((gate) => gate.kind === 'absolute');
  if (missed.length === 0) return { action: 'none' };
  const alone = missed.filter((gate) => !stableMissesGoal(gate, facts, recent));
  if (alone.length === 0) return { action: 'freeze', cause: 'shared-incident', because: idsOf(missed) };
  if (assignment === 'sticky') return { action: 'freeze', cause: 'sticky-keys', because: idsOf(alone) };
  return { action: 'rollback', cause: 'misses-goal', because: idsOf(alone) };
}

function idsOf(gates: readonly Gate[]): readonly string[] {
  return gates.map(({ id }) => id);
}
