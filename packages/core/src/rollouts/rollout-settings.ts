import { compileGates, type GoalFigures } from '../gates/compile-gates.ts';
import type { Gate } from '../gates/gate.ts';
import type { Sticky } from '../routing/traffic.ts';
import type { RolloutPlan, Strategy } from './rollout.ts';

/** How a model's rollouts are done, as people write it. */
export interface RolloutSettings {
  readonly strategy: Strategy;
  /** Percent of the traffic, rising, each above 0 and below 100. Not for blue-green. */
  readonly steps: readonly number[];
  readonly shadow?: { readonly percent: number; readonly pairs: number };
  readonly minBakeMinutes: number;
  readonly deadlineHours: number;
  readonly falseRollbackBudget: number;
  readonly detect: number;
  readonly promotion: 'detect' | 'prove';
  readonly sticky: Sticky;
  readonly retentionMinutes: number;
  readonly require: readonly string[];
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** What holds where a manifest says nothing. */
export const defaultRolloutSettings: RolloutSettings = {
  strategy: 'canary',
  steps: [1, 5, 25, 50],
  minBakeMinutes: 10,
  deadlineHours: 48,
  falseRollbackBudget: 0.01,
  detect: 5,
  promotion: 'detect',
  sticky: 'none',
  retentionMinutes: 60,
  require: [],
};

/** The steps of `linear` where none are given: ten equal ones, the last of which is the promotion. */
const linearSteps: readonly number[] = [10, 20, 30, 40, 50, 60, 70, 80, 90];

/** The steps, in percent, that a strategy takes where none are given. */
export function defaultSteps(strategy: Strategy): readonly number[] {
  if (strategy === 'blue-green') return [];
  return strategy === 'linear' ? linearSteps : defaultRolloutSettings.steps;
}

/**
 * Makes the plan of one rollout: its gates with their shares of the budget are fixed from here on.
 * @param salt fresh for each rollout
 */
export function compilePlan(settings: RolloutSettings, goals: GoalFigures, salt: string): RolloutPlan {
  const { strategy, shadow, falseRollbackBudget, detect, promotion, sticky, require } = settings;
  const steps = strategy === 'blue-green' ? [] : settings.steps.map((percent) => percent / 100);
  return {
    strategy,
    steps,
    ...(shadow === undefined ? {} : { shadow: { share: shadow.percent / 100, pairs: shadow.pairs } }),
    minBakeMs: settings.minBakeMinutes * minuteMs,
    deadlineMs: settings.deadlineHours * hourMs,
    falseRollbackBudget,
    detect,
    promotion,
    sticky,
    retentionMs: settings.retentionMinutes * minuteMs,
    require,
    gates: compileGates(goals, { falseRollbackBudget, detect, promotion, sticky, steps }).map(boundExposure),
    salt,
  };
}

/** A gate that no traffic is enough for (such as an accuracy of 1) waits for more than there can be: JSON has no ∞. */
function boundExposure(gate: Gate): Gate {
  return Number.isFinite(gate.required) ? gate : { ...gate, required: Number.MAX_SAFE_INTEGER };
}
