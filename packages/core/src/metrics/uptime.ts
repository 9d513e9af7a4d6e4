import type { UptimeSpan } from '../ports/metrics-repository.ts';

/** Two beats may be lost or late before the time between counts as down. */
export function longestGapMs(beatEveryMs: number): number {
  return 2.5 * beatEveryMs;
}

/**
 * The share of a time in which at least one process served. A heartbeat holds until the next is due, so that a failure
 * counts as shorter than it was by that at the most.
 * @param spans of one model, in any order
 * @param beatEveryMs how often a process says that it serves
 * @returns 0…1; undefined when the time has no length
 */
export function shareUp(
  spans: readonly Pick<UptimeSpan, 'startedAt' | 'lastAt'>[],
  from: number,
  to: number,
  beatEveryMs: number,
): number | undefined {
  if (to <= from) return undefined;
  const sorted = [...spans].sort((a, b) => a.startedAt - b.startedAt);
  let up = 0;
  let reached = from;
  for (const { startedAt, lastAt } of sorted) {
    const begin = Math.max(reached, startedAt);
    const end = Math.min(to, lastAt + beatEveryMs);
    if (end <= begin) continue;
    up += end - begin;
    reached = end;
  }
  return up / (to - from);
}
