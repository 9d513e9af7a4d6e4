import type { PredictionView } from '@scarmonit/protocol/admin/prediction';

/** What was seen of a model in a stretch of time. */
export interface Bucket {
  /** Milliseconds since the Unix epoch. */
  readonly from: number;
  readonly requests: number;
  readonly failed: number;
  /** Of answers in full, ascending. */
  readonly latenciesMs: readonly number[];
}

export interface RequestWindow {
  readonly from: number;
  readonly to: number;
  readonly bucketMs: number;
  readonly buckets: readonly Bucket[];
  readonly total: Bucket;
}

/**
 * Sorts requests into equal stretches up to now. Only outcomes that say something of the version count: whoever left or
 * asked wrongly does not.
 */
export function windowRequests(
  requests: readonly PredictionView[],
  { now, lengthMs, buckets }: { readonly now: number; readonly lengthMs: number; readonly buckets: number },
): RequestWindow {
  const bucketMs = lengthMs / buckets;
  const to = Math.ceil(now / bucketMs) * bucketMs;
  const from = to - lengthMs;
  const counted = requests.filter(
    ({ createdAt, outcome }) => createdAt >= from && createdAt < to && isCounted(outcome),
  );
  const of = (start: number, end: number): Bucket => {
    const within = counted.filter(({ createdAt }) => createdAt >= start && createdAt < end);
    const answered = within.filter(({ outcome }) => outcome === 'ok').map(({ latencyMs }) => latencyMs);
    return {
      from: start,
      requests: within.length,
      failed: within.length - answered.length,
      latenciesMs: answered.sort((one, other) => one - other),
    };
  };
  return {
    from,
    to,
    bucketMs,
    buckets: Array.from({ length: buckets }, (_, index) => of(from + index * bucketMs, from + (index + 1) * bucketMs)),
    total: of(from, to),
  };
}

function isCounted(outcome: PredictionView['outcome']): boolean {
  return outcome === 'ok' || outcome === 'error' || outcome === 'timeout';
}

/** The nearest-rank quantile of ascending values; undefined of none. */
export function quantile(ascending: readonly number[], share: number): number | undefined {
  return ascending[Math.max(0, Math.ceil(share * ascending.length) - 1)];
}
