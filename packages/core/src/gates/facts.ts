/**
 * What a request (or its feedback) can do that a goal counts. Each is a yes or no, so that every goal is a rate:
 *
 * - `error`: 5xx, timeout, broken stream, engine crash, invalid output where a schema was asked. Not client errors,
 *   limits or cancellations. Of a copy for the candidate: it failed what stable had answered, for whatever reason but that
 *   it was busy.
 * - `over-latency`: the whole answer took longer than `maxLatencyMs`; timeouts and broken streams count.
 * - `over-first-token`: the first token came later than `maxTimeToFirstTokenMs`, or never. Streams alone are exposed.
 * - `over-cost`: the request cost more than `maxCostUsd`.
 * - `unsatisfied`, `task-not-completed`: the feedback says so. Requests with that feedback alone are exposed.
 */
export type EventKind =
  | 'error'
  | 'over-latency'
  | 'over-first-token'
  | 'over-cost'
  | 'unsatisfied'
  | 'task-not-completed';

/** The two versions of a rollout. */
export type Arm = 'stable' | 'candidate';

/** What the assignment drew lots over: a request, or with sticky assignment a key. */
export type Unit = 'request' | 'key';

/**
 * Units exposed to an event, and those on which it happened. Additive: the key is all fields but the last two.
 * A key is exposed once a rollout to each event, and has it at most once a rollout.
 */
export interface ExposureCount {
  /** Of the deployment, when the unit was assigned. */
  readonly revision: number;
  /** Candidate's share of the traffic at that revision, 0…1; at 0 what is counted of the candidate are copies of requests. */
  readonly weight: number;
  readonly arm: Arm;
  readonly event: EventKind;
  readonly unit: Unit;
  readonly exposed: number;
  readonly events: number;
}

/**
 * How many buckets of `requests` requests had `events` events. Additive: the key is all fields but the last. A delta may
 * be negative: an event moves its bucket from one row to the next.
 */
export interface BucketCount {
  /** A bucket belongs to one revision, so that the evidence since any revision can be told apart. */
  readonly revision: number;
  readonly arm: Arm;
  readonly event: EventKind;
  readonly requests: number;
  readonly events: number;
  readonly buckets: number;
}

/** Labelled shadow pairs: the same request, answered by both versions. Additive. */
export interface PairCounts {
  /** Candidate wrong, stable right. */
  readonly worse: number;
  /** Candidate right, stable wrong. */
  readonly better: number;
  /** Both right or both wrong. */
  readonly same: number;
}

/**
 * All that the gates of a rollout know: whole numbers that add up over replicas, flushes and restarts in any order, so a
 * sum from the store and a delta from a replica are the same type. Plain JSON.
 */
export interface RolloutFacts {
  readonly exposures: readonly ExposureCount[];
  readonly buckets: readonly BucketCount[];
  readonly pairs: PairCounts;
  /** Of the candidate's engine: exits that nobody asked for, out-of-memory kills included. */
  readonly crashes: number;
}

/**
 * With sticky assignment, the first time that a replica sees a key exposed (`happened` false) or hit (`happened` true).
 * The store keeps the first of each (rollout, event, happened, key) and ignores the rest; {@link countKeys} then counts.
 */
export interface KeySighting {
  readonly revision: number;
  readonly weight: number;
  readonly arm: Arm;
  readonly event: EventKind;
  readonly happened: boolean;
  /** A hash of the sticky key, never the key. */
  readonly key: string;
}

/** Facts of a rollout that nothing has been seen of. */
export const noFacts: RolloutFacts = {
  exposures: [],
  buckets: [],
  pairs: { worse: 0, better: 0, same: 0 },
  crashes: 0,
};
