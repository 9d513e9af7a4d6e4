import type { GateView } from '@scarmonit/protocol/admin/rollout';
import { formatGoal } from '../models/format-goal.ts';

type NamedGate = Pick<GateView, 'goal' | 'kind' | 'target'>;

const subjects: Readonly<Record<GateView['goal'], string>> = {
  maxErrorRate: 'errors',
  maxLatencyMs: 'latency',
  maxTimeToFirstTokenMs: 'time to the first token',
  maxCostUsd: 'cost',
  minAccuracy: 'accuracy',
  minSatisfaction: 'satisfaction',
  minTaskCompletion: 'task completion',
};

const comparisons: Readonly<Record<GateView['kind'], (gate: NamedGate) => string>> = {
  absolute: ({ goal, target }) => `against the goal of ${formatGoal(goal, target)}`,
  comparative: () => 'against stable',
  paired: () => 'against stable, on the same requests',
  'non-inferiority': ({ goal, target }) => `not to be worse than stable by more than ${formatGoal(goal, target)}`,
};

/** What a gate looks at. */
export function nameGate(gate: NamedGate): string {
  return `${subjects[gate.goal]} ${comparisons[gate.kind](gate)}`;
}

/** Whether something that was read is a gate whose name is known here. */
export function isNamedGate(value: unknown): value is NamedGate {
  if (typeof value !== 'object' || value === null) return false;
  const { goal, kind, target } = value as Readonly<Record<string, unknown>>;
  return (
    typeof goal === 'string' &&
    goal in subjects &&
    typeof kind === 'string' &&
    kind in comparisons &&
    typeof target === 'number'
  );
}
