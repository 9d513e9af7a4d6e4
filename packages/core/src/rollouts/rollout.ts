import type { Gate } from '../gates/gate.ts';
import type { Sticky } from '../routing/traffic.ts';

/** How a deployment moves from one version to the next. */
export type Strategy = 'blue-green' | 'canary' | 'linear';

/**
 * Where a rollout stands: `draft` (asked for) → `validated` (its required receipts exist, the candidate is loaded) →
 * `shadow` → `canary` (at a step) → `bake` (all traffic, still watched) → `active`.
 * Ends: `active`, `rolled-back`, `aborted`. `held` waits for a person; `frozen` waits for a shared incident to pass.
 */
export type RolloutPhase =
  | 'draft'
  | 'validated'
  | 'shadow'
  | 'canary'
  | 'bake'
  | 'active'
  | 'rolled-back'
  | 'aborted'
  | 'held'
  | 'frozen';

/** What a rollout was started with. Never changes. */
export interface Rollout {
  readonly id: string;
  readonly projectId: string;
  readonly model: string;
  readonly from: string;
  readonly to: string;
  /** Of the two versions' declarations; receipts are bound to them. */
  readonly fromDigest: string;
  readonly toDigest: string;
  readonly plan: RolloutPlan;
  readonly createdAt: number;
  /** `manifest`, or the prefix of the key that asked. */
  readonly createdBy: string;
  readonly reason: string;
}

export interface RolloutPlan {
  readonly strategy: Strategy;
  /** Shares of the traffic from 0 to 1, rising; the rollout ends with 1 after the last. */
  readonly steps: readonly number[];
  readonly shadow?: { readonly share: number; readonly pairs: number };
  readonly minBakeMs: number;
  readonly deadlineMs: number;
  /** α: the chance that a healthy candidate is ever rolled back, shared out over the gates. */
  readonly falseRollbackBudget: number;
  /** A regression of this many times the goal must have been noticed before a step is passed. */
  readonly detect: number;
  readonly promotion: 'detect' | 'prove';
  readonly sticky: Sticky;
  /** How long the old version stays warm after the end. */
  readonly retentionMs: number;
  /** Kinds of receipts for `toDigest` that must exist before the start. */
  readonly require: readonly string[];
  readonly gates: readonly Gate[];
  /** Fresh for each rollout. */
  readonly salt: string;
}

/** A phase that can be interrupted and gone on with. */
export type ResumablePhase = 'draft' | 'shadow' | 'canary' | 'bake';

/** What froze a rollout. Remembered, because the evidence of the gates may sink again while it is frozen. */
export interface FreezeCause {
  readonly cause: 'shared-incident' | 'sticky-keys';
  /** Ids of the gates that had failed. */
  readonly gates: readonly string[];
}

/** A rollout's state as of one revision; the newest is the current one. */
export interface RolloutState {
  readonly rolloutId: string;
  /** 1, 2, 3, …; two writers of the same one: the second gets a conflict. */
  readonly revision: number;
  readonly phase: RolloutPhase;
  /** Index into the plan's steps, in `canary`. */
  readonly step: number;
  /** Where it goes on when a `frozen` or `held` rollout is resumed. */
  readonly resumesIn?: ResumablePhase;
  /** Why it is `frozen`, or was when it was `held`. */
  readonly frozenBy?: FreezeCause;
  /** The end of its time, where a person has given it more than the plan did. Milliseconds since the Unix epoch. */
  readonly deadlineAt?: number;
  /**
   * Revision of the traffic from which absolute gates count: what they saw before a shared incident passed says nothing
   * about the candidate. 0 counts everything.
   */
  readonly evidenceFrom: number;
  /**
   * Revision of the traffic from which every gate counts whose evidence is events: before it, another upstream stood
   * behind one of the versions. Never above `evidenceFrom`; 0 counts everything.
   */
  readonly renewedFrom: number;
  /** A person stopped the steps; the gates go on. */
  readonly paused: boolean;
  /** When the phase, or the step of it, began. */
  readonly since: number;
  /** When what is decided is only provisional, until delayed labels have confirmed it. */
  readonly provisional: boolean;
  /** Who decided: `gate`, `controller`, `manifest`, `upstream`, or the prefix of a key. */
  readonly decidedBy: string;
  readonly reason: string;
  readonly createdAt: number;
}
