import { standardBucketSize } from './bucketed-test.ts';
import {
  type Arm,
  type BucketCount,
  type EventKind,
  type ExposureCount,
  type KeySighting,
  noFacts,
  type RolloutFacts,
} from './facts.ts';
import { mergeFacts } from './merge-facts.ts';

/** How a request was assigned. */
export interface Assignment {
  readonly revision: number;
  /** Candidate's share at that revision, 0…1. */
  readonly weight: number;
  readonly arm: Arm;
  /** What can happen to it: `over-first-token` only for a stream, and only events of goals that the model has. */
  readonly exposedTo: readonly EventKind[];
  /** Hash of the sticky key, with sticky assignment. */
  readonly key?: string;
}

/** An assigned request that has not ended yet. */
export interface OpenRequest {
  readonly assignment: Assignment;
  /** One for each event that it is exposed to, in their order. */
  readonly places: readonly Place[];
}

/** What has been folded since the last time. */
export interface FoldedFacts {
  readonly facts: RolloutFacts;
  readonly sightings: readonly KeySighting[];
}

interface Place {
  readonly lane: Lane;
  readonly bucket: Bucket;
}

/** Requests of one revision, version and event; its buckets are cut one after the other. */
interface Lane {
  readonly assignment: Omit<Assignment, 'exposedTo' | 'key'>;
  readonly event: EventKind;
  open: Bucket;
  /** Since the last drain. */
  exposed: number;
  events: number;
}

interface Bucket {
  taken: number;
  /** The size under which it is handed out: full, unless it was cut. */
  size: number;
  events: number;
  /** The row under which it was last handed out. */
  reported: { readonly requests: number; readonly events: number } | undefined;
}

/**
 * Folds the requests of one rollout on one replica into facts. In memory, no clock, a few map reads a request.
 *
 * Buckets are cut in the order of assignment, before anything is known of the answers, and a request that has not ended
 * yet counts as a good one. A bucket is handed out from its first request on, as if it were full: its later requests can
 * only have brought more events to the same size, so log E is never above what the full bucket will give, and whatever it
 * reaches early it reaches rightly. So a failure is seen at the event that decides it, however slow the traffic, and fast
 * failures do not count before the slow successes that were assigned with them.
 */
export interface RequestFold {
  /** Takes a request's place. Pinned and shadow requests are not assigned and stay out. */
  assign(assignment: Assignment): OpenRequest;
  /**
   * What happened to it, out of what it was exposed to; once a request. One that ends without an answer to judge
   * (cancelled, or refused for the client's fault) is not settled: its place stays, as a good one.
   */
  settle(request: OpenRequest, happened: readonly EventKind[]): void;
  /** Feedback about a settled request: it is exposed when it speaks, in the order of speaking. */
  report(assignment: Omit<Assignment, 'exposedTo'>, event: EventKind, happened: boolean): void;
  /**
   * Hands out what has changed, to be added to the store in one transaction. What could not be written is kept and merged
   * with the next: a later one may take back a row of an earlier one. What dies with the process only makes gates slower.
   * @param cut ends the buckets that are open at the size they have: at a shutdown, or by the clock where many short-lived
   *   replicas share the traffic; never for what the answers were
   */
  drain(cut?: 'cut'): FoldedFacts;
}

/** Starts the fold of one rollout. @param bucketSize of the rollout's bucketed tests */
export function createRequestFold(bucketSize: number = standardBucketSize): RequestFold {
  const lanes = new Map<string, Lane>();
  const changed = new Map<Bucket, Lane>();
  const seenKeys = new Set<string>();
  let sightings: KeySighting[] = [];

  function take(assignment: Omit<Assignment, 'exposedTo'>, event: EventKind): Place {
    const lane = laneOf(assignment, event);
    if (lane.open.taken === lane.open.size) lane.open = newBucket(bucketSize);
    lane.open.taken++;
    changed.set(lane.open, lane);
    sight(assignment, event, false);
    return { lane, bucket: lane.open };
  }

  function count({ lane, bucket }: Place, happened: boolean, assignment: Omit<Assignment, 'exposedTo'>): void {
    lane.exposed++;
    if (!happened) return;
    lane.events++;
    bucket.events++;
    changed.set(bucket, lane);
    sight(assignment, lane.event, true);
  }

  function laneOf({ revision, weight, arm }: Omit<Assignment, 'exposedTo'>, event: EventKind): Lane {
    const key = `${revision}/${arm}/${event}`;
    let lane = lanes.get(key);
    if (lane === undefined) {
      lane = { assignment: { revision, weight, arm }, event, open: newBucket(bucketSize), exposed: 0, events: 0 };
      lanes.set(key, lane);
    }
    return lane;
  }

  function sight(assignment: Omit<Assignment, 'exposedTo'>, event: EventKind, happened: boolean): void {
    const { revision, weight, arm, key } = assignment;
    if (key === undefined) return;
    const identity = `${event}/${happened}/${key}`;
    if (seenKeys.has(identity)) return;
    // The store ignores what it knows: forgetting costs a few rows, remembering without end would cost the process.
    if (seenKeys.size >= rememberedKeys) seenKeys.clear();
    seenKeys.add(identity);
    sightings.push({ revision, weight, arm, event, happened, key });
  }

  return {
    assign(assignment) {
      return { assignment, places: assignment.exposedTo.map((event) => take(assignment, event)) };
    },
    settle({ assignment, places }, happened) {
      for (const place of places) count(place, happened.includes(place.lane.event), assignment);
    },
    report(assignment, event, happened) {
      count(take(assignment, event), happened, assignment);
    },
    drain(cut) {
      if (cut === 'cut') for (const lane of lanes.values()) cutBucket(lane, changed);
      const buckets: BucketCount[] = [];
      for (const [bucket, { assignment, event }] of changed) buckets.push(...moveBucket(bucket, assignment, event));
      const exposures: ExposureCount[] = [];
      for (const lane of lanes.values()) {
        const { assignment, event, exposed, events } = lane;
        if (exposed > 0) exposures.push({ ...assignment, event, unit: 'request', exposed, events });
        lane.exposed = 0;
        lane.events = 0;
      }
      const folded: FoldedFacts = { facts: mergeFacts(noFacts, { ...noFacts, exposures, buckets }), sightings };
      changed.clear();
      sightings = [];
      return folded;
    },
  };
}

/** As many sightings a replica remembers, about 10 MB. */
const rememberedKeys = 100_000;

function newBucket(size: number): Bucket {
  return { taken: 0, size, events: 0, reported: undefined };
}

function cutBucket(lane: Lane, changed: Map<Bucket, Lane>): void {
  const { open } = lane;
  if (open.taken === open.size || open.taken === 0) return;
  open.size = open.taken;
  changed.set(open, lane);
}

function moveBucket(
  bucket: Bucket,
  { revision, arm }: { readonly revision: number; readonly arm: Arm },
  event: EventKind,
): readonly BucketCount[] {
  const row = { requests: bucket.size, events: bucket.events };
  const moves: BucketCount[] = [{ revision, arm, event, ...row, buckets: 1 }];
  if (bucket.reported !== undefined) moves.push({ revision, arm, event, ...bucket.reported, buckets: -1 });
  bucket.reported = row;
  return moves;
}
