import type { RolloutFacts } from './facts.ts';
import type { Gate, GateReading } from './gate.ts';
import { factsSince } from './merge-facts.ts';
import { exposureOf } from './read-facts.ts';
import { requiredExposure } from './required-exposure.ts';

/** Where a rollout stands when it asks whether it may go on. */
export interface AdvanceQuestion {
  readonly gates: readonly Gate[];
  /** Of all gates, over the whole rollout. */
  readonly readings: readonly GateReading[];
  /** Of the whole rollout. */
  readonly facts: RolloutFacts;
  readonly step: {
    /** Of the traffic, at which the step began. */
    readonly revision: number;
    /** Candidate's share, 0…1. */
    readonly weight: number;
    readonly beganAt: number;
    /** Whether the candidate becomes stable after it. */
    readonly last: boolean;
  };
  readonly minBakeMs: number;
  /** When the rollout must be over; milliseconds since the Unix epoch, as all times here. */
  readonly deadlineAt: number;
  readonly now: number;
  readonly detect: number;
  readonly promotion: 'detect' | 'prove';
}

/** Why a step is not passed yet. */
export type Obstacle =
  | { readonly kind: 'failed' | 'unproven'; readonly gate: string }
  | { readonly kind: 'exposure'; readonly gate: string; readonly seen: number; readonly required: number }
  | { readonly kind: 'bake'; readonly remainingMs: number };

export type AdvanceDecision =
  /** `unconfirmed`: gates on delayed evidence that have none yet. A promotion with some is provisional. */
  | { readonly action: 'advance'; readonly unconfirmed: readonly string[] }
  | { readonly action: 'wait'; readonly obstacles: readonly Obstacle[] }
  /** The deadline has passed: a person decides. */
  | { readonly action: 'hold'; readonly obstacles: readonly Obstacle[] };

/**
 * Whether the step is passed: its minimum bake is over, nothing has failed, and each gate has seen enough of the candidate
 * in this step to have caught a regression of `detect` × the goal with 90 % power. The last step counts all that the
 * gate's reading counts; under `promotion: prove` each comparison must also be proven. Feedback and labels come late or never:
 * they stop no step, and are named as unconfirmed until they have seen enough.
 *
 * Failures come first: ask {@link decideFailure} before.
 */
export function decideAdvance(question: AdvanceQuestion): AdvanceDecision {
  const obstacles = [...findBake(question), ...findFailures(question), ...findThinGates(question)];
  if (question.step.last && question.promotion === 'prove') obstacles.push(...findUnproven(question));
  if (obstacles.length > 0) return { action: question.now >= question.deadlineAt ? 'hold' : 'wait', obstacles };
  const unconfirmed = question.gates.filter((gate) => gate.delayed && verdictOf(gate, question) !== 'pass');
  return { action: 'advance', unconfirmed: unconfirmed.map(({ id }) => id) };
}

function findBake({ step, minBakeMs, now }: AdvanceQuestion): readonly Obstacle[] {
  const remainingMs = step.beganAt + minBakeMs - now;
  return remainingMs > 0 ? [{ kind: 'bake', remainingMs }] : [];
}

function findFailures(question: AdvanceQuestion): readonly Obstacle[] {
  return question.gates
    .filter((gate) => verdictOf(gate, question) === 'fail')
    .map(({ id }) => ({ kind: 'failed', gate: id }));
}

function findThinGates(question: AdvanceQuestion): readonly Obstacle[] {
  const { gates, facts, step, detect } = question;
  const counted = factsSince(facts, step.revision);
  const obstacles: Obstacle[] = [];
  for (const gate of gates) {
    if (gate.delayed) continue;
    const required = step.last ? gate.required : requiredExposure(gate, detect, step.weight);
    // What a reading does not count, such as the time before an incident, has proven nothing.
    const seen = step.last ? (readingOf(gate, question)?.exposure ?? 0) : exposureOf(gate, counted);
    if (seen < required) obstacles.push({ kind: 'exposure', gate: gate.id, seen, required });
  }
  return obstacles;
}

function findUnproven(question: AdvanceQuestion): readonly Obstacle[] {
  return question.gates
    .filter((gate) => gate.kind === 'non-inferiority' && !gate.delayed && verdictOf(gate, question) !== 'pass')
    .map(({ id }) => ({ kind: 'unproven', gate: id }));
}

function verdictOf(gate: Gate, question: AdvanceQuestion): GateReading['verdict'] | undefined {
  return readingOf(gate, question)?.verdict;
}

function readingOf(gate: Gate, { readings }: AdvanceQuestion): GateReading | undefined {
  return readings.find((reading) => reading.gate === gate.id);
}
