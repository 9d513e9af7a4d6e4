import type { BucketedStatistics, BucketedTest } from './bucketed-test.ts';
import type { ComparativeStatistics, ComparativeTest } from './comparative-test.ts';
import type { EventKind, PairCounts, Unit } from './facts.ts';
import type { PairedTest } from './paired-test.ts';

/** The goals that compile into gates; `targetThroughputRps` is a matter of load tests. */
export type GateGoal =
  | 'maxErrorRate'
  | 'maxLatencyMs'
  | 'maxTimeToFirstTokenMs'
  | 'maxCostUsd'
  | 'minAccuracy'
  | 'minSatisfaction'
  | 'minTaskCompletion';

interface GateCommon {
  /** `maxErrorRate/absolute`: unique in a rollout and the same at each compilation. */
  readonly id: string;
  readonly goal: GateGoal;
  /** The goal's declared figure, in its own unit. */
  readonly target: number;
  /** The chance that this gate ever gives its verdict wrongly: α_i out of the rollout's ledger, or β of a proof. */
  readonly alpha: number;
  /**
   * Units of the candidate (labelled pairs for the paired test) after which a regression of `detect` × the goal would
   * have been noticed with 90 % power; until then silence means nothing. 0 for proofs, which say so themselves.
   */
  readonly required: number;
  /** Evidence comes from feedback or labels, later than the answer or never. */
  readonly delayed: boolean;
}

/** Of an event that the traffic shows. */
interface EventGate extends GateCommon {
  readonly event: EventKind;
  /** The rate of the event that the goal allows, 0…1. */
  readonly allowed: number;
}

export interface AbsoluteGate extends EventGate {
  readonly kind: 'absolute';
  readonly test: BucketedTest;
}

export interface ComparativeGate extends EventGate {
  readonly kind: 'comparative' | 'non-inferiority';
  readonly test: ComparativeTest;
  readonly unit: Unit;
}

export interface PairedGate extends GateCommon {
  readonly kind: 'paired' | 'non-inferiority';
  readonly test: PairedTest;
}

/**
 * One statistical test of one goal during a rollout. Plain JSON: it is stored with the rollout and in its receipts. The
 * kind says what its e-process is evidence for, which decides what its verdict does:
 *
 * - `absolute`: the candidate misses the goal;
 * - `comparative`: the candidate is worse than stable at the same time;
 * - `paired`: the candidate is less accurate than stable on the same shadow requests;
 * - `non-inferiority`: the candidate is not worse than stable. The one kind that passes by its e-process, and never fails.
 */
export type Gate = AbsoluteGate | ComparativeGate | PairedGate;

/** The sufficient statistics of a gate's test; {@link recomputeLogE} needs nothing else. */
export type GateStatistics =
  | { readonly test: 'bucketed'; readonly buckets: BucketedStatistics }
  | { readonly test: 'comparative' | 'non-inferiority'; readonly weights: ComparativeStatistics }
  | { readonly test: 'paired-worse' | 'paired-no-worse'; readonly pairs: PairCounts };

export type GateVerdict = 'pass' | 'fail' | 'inconclusive';

/** Why a verdict is `inconclusive`. */
export type InconclusiveReason = 'no-data' | 'not-enough-exposure' | 'not-proven';

/** A gate read at one moment. Plain JSON. */
export interface GateReading {
  readonly gate: string;
  readonly verdict: GateVerdict;
  /** Present when inconclusive. */
  readonly reason?: InconclusiveReason;
  readonly logE: number;
  /** ln(1/α_i): the verdict falls when `logE` reaches it. */
  readonly threshold: number;
  /** What has been seen of the candidate: units of the gate, or labelled pairs. */
  readonly exposure: number;
  /** The exposure from which silence counts as `pass`; 0 for proofs. */
  readonly required: number;
  readonly statistics: GateStatistics;
}
