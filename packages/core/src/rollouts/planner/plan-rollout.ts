import { compileGates, type GateSettings, type GoalFigures } from '../../gates/compile-gates.ts';
import type { Gate, GateGoal } from '../../gates/gate.ts';
import { requiredExposure } from '../../gates/required-exposure.ts';
import { nameGate } from '../describe-gates.ts';
import { describeDuration } from './describe-duration.ts';
import { forecastGate, type GateForecast, type Need, type SeenTraffic } from './forecast-gate.ts';
import { forecastSteps, type StepForecast } from './forecast-steps.ts';

/** What a rollout is asked to be. */
export interface PlanSettings extends GateSettings {
  readonly minBakeMinutes: number;
  readonly deadlineHours: number;
  readonly shadow?: { readonly pairs: number };
}

/** What is to be expected of a rollout before it starts. Minutes and units are ∞ (null, in JSON) for what never comes. */
export interface RolloutForecast {
  /** Each gate at the first step. */
  readonly gates: readonly GateForecast[];
  readonly steps: readonly StepForecast[];
  /** For a candidate as good as stable, until it is promoted. */
  readonly minutes: number;
  readonly fitsDeadline: boolean;
  /** The most careful known plan that fits the deadline, when the given one does not; absent when none does. */
  readonly proposal?: { readonly steps: readonly number[]; readonly minutes: number };
  /** The same in words: one sentence a gate, one on the shadow, one on the deadline, and one on the proposal. */
  readonly sentences: readonly string[];
}

/** From the most careful to the boldest, as shares. */
const knownPlans: readonly (readonly number[])[] = [
  [0.01, 0.05, 0.25, 0.5],
  [0.05, 0.25, 0.5],
  [0.05, 0.25],
  [0.1, 0.5],
  [0.1, 0.25],
  [0.1],
  [0.25, 0.5],
  [0.25],
  [0.5],
];

/** Says what each gate and step needs at the traffic seen, and offers a plan that fits the deadline. */
export function planRollout(goals: GoalFigures, traffic: SeenTraffic, settings: PlanSettings): RolloutForecast {
  const gates = compileGates(goals, settings);
  const firstWeight = settings.steps[0] ?? 1;
  const foreseen = gates.map((gate) => ({
    gate,
    forecast: forecastGate(gate, traffic, firstWeight, settings.detect),
  }));
  const steps = forecastSteps(gates, traffic, settings.steps, settings);
  const minutes = sum(steps);
  const limit = settings.deadlineHours * 60;
  const proposal = minutes <= limit ? undefined : propose(goals, traffic, settings, limit);
  const sentences = foreseen.map(({ gate, forecast }) => describeGate(gate, forecast, traffic, settings.detect));
  return {
    gates: foreseen.map(({ forecast }) => forecast),
    steps,
    minutes,
    fitsDeadline: minutes <= limit,
    ...(proposal && { proposal }),
    sentences: [
      ...sentences,
      ...gates.flatMap((gate) => describeShadow(gate, settings)),
      ...describeDeadline(minutes, settings.deadlineHours, proposal),
    ],
  };
}

function propose(
  goals: GoalFigures,
  traffic: SeenTraffic,
  settings: PlanSettings,
  limit: number,
): RolloutForecast['proposal'] {
  for (const steps of knownPlans) {
    const minutes = sum(forecastSteps(compileGates(goals, { ...settings, steps }), traffic, steps, settings));
    if (minutes <= limit) return { steps, minutes };
  }
  return undefined;
}

function sum(steps: readonly StepForecast[]): number {
  return steps.reduce((total, { minutes }) => total + minutes, 0);
}

/** What a goal counts, as the planner says it. */
const countedThings: Readonly<Record<GateGoal, string>> = {
  maxErrorRate: 'errors',
  maxLatencyMs: 'slow answers',
  maxTimeToFirstTokenMs: 'late first tokens',
  maxCostUsd: 'expensive requests',
  minAccuracy: 'wrong answers',
  minSatisfaction: 'unsatisfied users',
  minTaskCompletion: 'unfinished tasks',
};

function describeGate(
  gate: Gate,
  { weight, unit, toFail, toProve }: GateForecast,
  traffic: SeenTraffic,
  detect: number,
): string {
  const name = nameGate(gate, 'stable');
  const where = `${name.charAt(0).toUpperCase()}${name.slice(1)}: at ${plain(traffic.requestsPerMinute)} requests/min and ${plain(weight * 100)} % it`;
  if (toProve !== undefined) return `${where} ${describeNeed(toProve, unit)} to prove the candidate no worse.`;
  if (toFail === undefined) return `${where} decides nothing.`;
  const things = countedThings[gate.goal];
  if (toFail.double.units === 0) return `${where} has nothing to compare.`;
  return `${where} ${describeNeed(toFail.double, unit)} to see ${things} double, and ${describeNeed(toFail.detect, unit)} to see ${plain(detect)} times as many.`;
}

/** The shadow ends with its pairs, whether or not they are enough for the gate that reads failed copies. */
function describeShadow(gate: Gate, { shadow, detect }: PlanSettings): readonly string[] {
  if (shadow === undefined || gate.goal !== 'maxErrorRate' || gate.kind !== 'absolute') return [];
  const copies = Math.ceil(requiredExposure(gate, detect, 0));
  const enough = shadow.pairs >= copies ? 'are enough' : 'are too few';
  return [
    `The ${shadow.pairs} pairs of the shadow ${enough} to see ${plain(detect)} times the errors that the goal allows before a client does: that takes ${copies} copies.`,
  ];
}

function describeNeed({ units, minutes }: Need, unit: GateForecast['unit']): string {
  if (!Number.isFinite(minutes)) return `never gets enough ${unit}`;
  return `needs ${describeDuration(minutes)} (${Math.ceil(units)} ${unit})`;
}

function describeDeadline(
  minutes: number,
  deadlineHours: number,
  proposal: RolloutForecast['proposal'],
): readonly string[] {
  const limit = `the deadline of ${plain(deadlineHours)} h`;
  const total = Number.isFinite(minutes) ? `takes ${describeDuration(minutes)}` : 'never ends';
  if (minutes <= deadlineHours * 60) return [`A candidate as good as stable ${total}, within ${limit}.`];
  const offer =
    proposal === undefined
      ? `No step plan fits ${limit}.`
      : `Steps of ${proposal.steps.map((share) => plain(share * 100)).join(', ')} % take ${describeDuration(proposal.minutes)} and fit.`;
  return [`A candidate as good as stable ${total}, past ${limit}.`, offer];
}

function plain(figure: number): string {
  return String(Number(figure.toPrecision(3)));
}
