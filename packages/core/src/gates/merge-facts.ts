import { type BucketCount, type ExposureCount, type KeySighting, noFacts, type RolloutFacts } from './facts.ts';

/**
 * The sum of two sets of facts. The order and the grouping of many sums does not matter; rows come out in a canonical
 * order, without those that add up to nothing.
 */
export function mergeFacts(a: RolloutFacts, b: RolloutFacts): RolloutFacts {
  return {
    exposures: sumRows([...a.exposures, ...b.exposures], exposureKey, (x, y) => ({
      ...x,
      exposed: x.exposed + y.exposed,
      events: x.events + y.events,
    })).filter(({ exposed, events }) => exposed !== 0 || events !== 0),
    buckets: sumRows([...a.buckets, ...b.buckets], bucketKey, (x, y) => ({
      ...x,
      buckets: x.buckets + y.buckets,
    })).filter(({ buckets }) => buckets !== 0),
    pairs: {
      worse: a.pairs.worse + b.pairs.worse,
      better: a.pairs.better + b.pairs.better,
      same: a.pairs.same + b.pairs.same,
    },
    crashes: a.crashes + b.crashes,
  };
}

/**
 * What has been added to the facts since an older reading. Requests and events are exact; rows of buckets may be
 * negative, for a bucket may have been counted under fewer events before, so no bucketed test reads a difference.
 */
export function subtractFacts(newer: RolloutFacts, older: RolloutFacts): RolloutFacts {
  return mergeFacts(newer, {
    exposures: older.exposures.map((row) => ({ ...row, exposed: -row.exposed, events: -row.events })),
    buckets: older.buckets.map((row) => ({ ...row, buckets: -row.buckets })),
    pairs: { worse: -older.pairs.worse, better: -older.pairs.better, same: -older.pairs.same },
    crashes: -older.crashes,
  });
}

/**
 * The evidence of the traffic that was assigned with `revision` or later: of a step, or since an incident passed. Pairs
 * and crashes have no revision and are kept.
 */
export function factsSince(facts: RolloutFacts, revision: number): RolloutFacts {
  return {
    ...facts,
    exposures: facts.exposures.filter((row) => row.revision >= revision),
    buckets: facts.buckets.filter((row) => row.revision >= revision),
  };
}

/** Counts keys of one rollout: of each (event, happened, key) the first sighting, whatever comes after it. */
export function countKeys(sightings: Iterable<KeySighting>): readonly ExposureCount[] {
  const seen = new Set<string>();
  const rows: ExposureCount[] = [];
  for (const { revision, weight, arm, event, happened, key } of sightings) {
    const identity = `${event}/${happened}/${key}`;
    if (seen.has(identity)) continue;
    seen.add(identity);
    const counted = happened ? { exposed: 0, events: 1 } : { exposed: 1, events: 0 };
    rows.push({ revision, weight, arm, event, unit: 'key', ...counted });
  }
  return mergeFacts({ ...noFacts, exposures: rows }, noFacts).exposures;
}

function exposureKey({ revision, weight, arm, event, unit }: ExposureCount): string {
  return `${padded(revision)}/${weight}/${arm}/${event}/${unit}`;
}

function bucketKey({ revision, arm, event, requests, events }: BucketCount): string {
  return `${padded(revision)}/${arm}/${event}/${padded(requests)}/${padded(events)}`;
}

function padded(whole: number): string {
  return String(whole).padStart(9, '0');
}

function sumRows<T>(rows: readonly T[], keyOf: (row: T) => string, add: (a: T, b: T) => T): readonly T[] {
  const sums = new Map<string, T>();
  for (const row of rows) {
    const key = keyOf(row);
    const sum = sums.get(key);
    sums.set(key, sum === undefined ? row : add(sum, row));
  }
  return [...sums].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
}
