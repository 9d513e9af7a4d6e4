import type { Gate } from '../../gates/gate.ts';
import { requiredExposure } from '../../gates/required-exposure.ts';
import { forecastGate, type SeenTraffic, unitsPerMinute } from './forecast-gate.ts';

/** One step of a rollout, foreseen for a candidate that is as good as stable. */
export interface StepForecast {
  /** Candidate's share, 0…1. */
  readonly weight: number;
  /** Until it is passed; ∞ when it never is, or is never reached. */
  readonly minutes: number;
  /** The gate that takes longest; absent when the minimum bake does. */
  readonly slowest?: string;
}

export interface StepSettings {
  readonly minBakeMinutes: number;
  readonly detect: number;
  readonly promotion: 'detect' | 'prove';
}

/**
 * How long each step takes, by the rules of `decideAdvance`: each gate on immediate evidence sees enough within the step;
 * at the last one what was seen before counts as well, and under `prove` the proofs must come in.
 */
export function forecastSteps(
  gates: readonly Gate[],
  traffic: SeenTraffic,
  steps: readonly number[],
  settings: StepSettings,
): readonly StepForecast[] {
  const immediate = gates.filter(({ delayed }) => !delayed);
  const elapsed: { weight: number; minutes: number }[] = [];
  return steps.map((weight, index): StepForecast => {
    if (elapsed.some(({ minutes }) => !Number.isFinite(minutes))) return { weight, minutes: Number.POSITIVE_INFINITY };
    const last = index === steps.length - 1;
    let slowest: { readonly gate: string; readonly minutes: number } | undefined;
    for (const gate of immediate) {
      const minutes = last
        ? finish(gate, traffic, weight, elapsed, settings)
        : pass(gate, traffic, weight, settings.detect);
      if (minutes > settings.minBakeMinutes && minutes > (slowest?.minutes ?? 0)) slowest = { gate: gate.id, minutes };
    }
    elapsed.push({ weight, minutes: slowest?.minutes ?? settings.minBakeMinutes });
    return { weight, minutes: slowest?.minutes ?? settings.minBakeMinutes, ...(slowest && { slowest: slowest.gate }) };
  });
}

function pass(gate: Gate, traffic: SeenTraffic, weight: number, detect: number): number {
  const required = requiredExposure(gate, detect, weight);
  return required === 0 ? 0 : required / unitsPerMinute(gate, traffic, weight);
}

/** Minutes that the last step needs on top of what the steps before have seen. */
function finish(
  gate: Gate,
  traffic: SeenTraffic,
  weight: number,
  elapsed: readonly { readonly weight: number; readonly minutes: number }[],
  { promotion }: StepSettings,
): number {
  if (gate.kind === 'non-inferiority' && promotion === 'detect') return 0;
  const progress = (at: number) =>
    gate.kind === 'non-inferiority' ? proofPerMinute(gate, traffic, at) : unitsPerMinute(gate, traffic, at);
  let missing = gate.kind === 'non-inferiority' ? 1 : gate.required;
  for (const step of elapsed) missing -= step.minutes * progress(step.weight);
  return missing <= 0 ? 0 : missing / progress(weight);
}

/** The part of a proof that a minute at a weight brings: parts of different weights add up to a whole. */
function proofPerMinute(gate: Gate, traffic: SeenTraffic, weight: number): number {
  const { toProve } = forecastGate(gate, traffic, weight, 2);
  return toProve === undefined || toProve.units === 0 ? 0 : 1 / toProve.minutes;
}
