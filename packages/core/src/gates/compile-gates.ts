import type { Sticky } from '../routing/traffic.ts';
import { type BucketedTest, standardBucketSize } from './bucketed-test.ts';
import type { ComparativeTest } from './comparative-test.ts';
import type { EventKind } from './facts.ts';
import type { Gate, GateGoal } from './gate.ts';
import type { PairedTest } from './paired-test.ts';
import { isSplit } from './read-facts.ts';
import { requiredExposure } from './required-exposure.ts';

/** What a rollout says about its gates; a rollout's plan is one. */
export interface GateSettings {
  /** α: the chance that a healthy candidate is ever rolled back, 0…1 exclusive. */
  readonly falseRollbackBudget: number;
  /** A regression of this many times the goal must not go unnoticed; above 1. */
  readonly detect: number;
  readonly promotion: 'detect' | 'prove';
  readonly sticky: Sticky;
  /** Candidate's share at each step, 0…1. */
  readonly steps: readonly number[];
}

/** Goals by their names in the manifest; an absent goal is no goal. */
export type GoalFigures = Readonly<Partial<Record<string, number>>>;

/** The chance that a proof lets an inferior candidate pass. Not part of the ledger: a proof rolls nothing back. */
const beta = 0.05;
/** Stable × this is the rate that a proof must rule out. */
const inferiorRatio = 2;
/** The loss of accuracy that a proof must rule out. */
const inferiorAccuracy = 0.02;
/** "P95 ≤ L" is "at most 5 % are above L": exact, and without a sketch of the distribution. Costs are read the same way. */
const above95 = 0.05;
/** No finite traffic shows a rate of zero, so goals of 0 or 100 % are tested as one in ten thousand. */
const smallestRate = 0.0001;

interface EventGoal {
  readonly goal: GateGoal;
  readonly event: EventKind;
  /** The rate of the event at which the goal is just kept. */
  readonly allowed: (target: number) => number;
  readonly delayed: boolean;
}

const eventGoals: readonly EventGoal[] = [
  { goal: 'maxErrorRate', event: 'error', allowed: (target) => target, delayed: false },
  { goal: 'maxLatencyMs', event: 'over-latency', allowed: () => above95, delayed: false },
  { goal: 'maxTimeToFirstTokenMs', event: 'over-first-token', allowed: () => above95, delayed: false },
  { goal: 'maxCostUsd', event: 'over-cost', allowed: () => above95, delayed: false },
  { goal: 'minSatisfaction', event: 'unsatisfied', allowed: (target) => 1 - target, delayed: true },
  { goal: 'minTaskCompletion', event: 'task-not-completed', allowed: (target) => 1 - target, delayed: true },
];

const worseThanStable: ComparativeTest = { name: 'comparative', delta: 1 };
const noWorseThanStable: ComparativeTest = { name: 'non-inferiority', delta: inferiorRatio };
const lessAccurate: PairedTest = { name: 'paired-worse', margin: 0 };
const noLessAccurate: PairedTest = { name: 'paired-no-worse', margin: inferiorAccuracy };

/** A gate before it is known how many share the budget. */
type Draft = WithoutShare<Gate>;
type WithoutShare<T> = T extends Gate ? Omit<T, 'alpha' | 'required'> : never;

/**
 * Compiles a model's goals into the gates of one rollout: for each goal that an event counts, an absolute gate and, where
 * some step splits the traffic, a comparative one; for `minAccuracy` a paired gate on labelled shadow pairs; under
 * `promotion: prove` a proof of non-inferiority for each comparison. Goals that anything keeps (an error rate of 1) have
 * no gate.
 *
 * The gates that can roll back share α equally, so that Σα_i = `falseRollbackBudget` over the whole rollout. Compile
 * once, when the rollout is planned, and keep the gates with it: they are its α ledger.
 */
export function compileGates(goals: GoalFigures, settings: GateSettings): readonly Gate[] {
  const splits = settings.steps.filter(isSplit);
  const drafts: Draft[] = [];
  for (const { goal, event, allowed: allowedBy, delayed } of eventGoals) {
    const target = goals[goal];
    if (target === undefined) continue;
    const allowed = Math.max(allowedBy(target), smallestRate);
    if (allowed >= 1) continue;
    const common = { goal, target, delayed, event, allowed };
    drafts.push({ ...common, id: `${goal}/absolute`, kind: 'absolute', test: missesGoal(allowed) });
    if (splits.length === 0) continue;
    const unit = settings.sticky === 'none' ? 'request' : 'key';
    drafts.push({ ...common, id: `${goal}/comparative`, kind: 'comparative', test: worseThanStable, unit });
    if (settings.promotion === 'prove') {
      drafts.push({ ...common, id: `${goal}/non-inferiority`, kind: 'non-inferiority', test: noWorseThanStable, unit });
    }
  }
  const { minAccuracy } = goals;
  if (minAccuracy !== undefined && minAccuracy > 0) {
    const common = { goal: 'minAccuracy', target: minAccuracy, delayed: true } as const;
    drafts.push({ ...common, id: 'minAccuracy/paired', kind: 'paired', test: lessAccurate });
    if (settings.promotion === 'prove') {
      drafts.push({ ...common, id: 'minAccuracy/non-inferiority', kind: 'non-inferiority', test: noLessAccurate });
    }
  }
  return shareBudget(drafts, settings, Math.max(...splits));
}

function shareBudget(drafts: readonly Draft[], settings: GateSettings, largestSplit: number): readonly Gate[] {
  const sharing = drafts.filter(({ kind }) => kind !== 'non-inferiority').length;
  return drafts.map((draft): Gate => {
    const alpha = draft.kind === 'non-inferiority' ? beta : settings.falseRollbackBudget / sharing;
    const gate: Gate = { ...draft, alpha, required: 0 };
    return { ...gate, required: requiredExposure(gate, settings.detect, largestSplit) };
  });
}

function missesGoal(allowed: number): BucketedTest {
  return { name: 'bucketed', p0: allowed, bucketSize: standardBucketSize };
}
