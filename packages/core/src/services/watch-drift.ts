import { addCounts, type Counts } from '../drift/divergence.ts';
import { mostDriftFeatures, unknownDrift, watchDay } from '../drift/drift-watch.ts';
import { dayMs, floorTo } from '../metrics/windows.ts';
import type { Clock } from '../ports/clock.ts';
import type { DriftCount, DriftFeature, DriftRepository, KnownDrift } from '../ports/drift-repository.ts';

export interface DriftWatchPorts {
  readonly repository: DriftRepository;
  readonly projectId: string;
  readonly clock: Pick<Clock, 'now'>;
  /** Told of what has drifted, once it is stored. Must not throw. */
  onDrifted(known: readonly KnownDrift[]): void;
}

/** A day is complete so long after its end: processes write what they counted once a minute. */
const settleMs = 5 * 60_000;

/**
 * Compares the days that are complete with their references. To be called now and then by one of several processes; the
 * most calls find nothing to do, by one query.
 */
export async function judgeDays({ repository, projectId, clock, onDrifted }: DriftWatchPorts): Promise<void> {
  const dayBefore = floorTo(clock.now() - settleMs, dayMs);
  const counts = await repository.listCounts(projectId, dayBefore);
  if (counts.length === 0) return;
  const known = new Map((await repository.list(projectId)).map((one) => [nameOf(one), one]));
  const changed = new Map<string, KnownDrift>();
  const drifted = new Map<string, KnownDrift>();
  for (const { day, of, bins } of groupByDay(counts)) {
    const name = nameOf(of);
    const before = changed.get(name) ?? known.get(name);
    // What was counted too late for its day says nothing about another.
    if (before !== undefined && before.lastDay >= day) continue;
    const state = watchDay(before?.state ?? unknownDrift, day, bins);
    const now = { ...of, state, lastDay: day };
    changed.set(name, now);
    if (state.phase === 'drifted' && before?.state.phase !== 'drifted') drifted.set(name, now);
  }
  await repository.save(projectId, [...changed.values()], dayBefore, mostDriftFeatures);
  if (drifted.size > 0) onDrifted([...drifted.values()].map((one) => changed.get(nameOf(one)) ?? one));
}

interface FeatureDay {
  readonly day: number;
  readonly of: DriftFeature;
  readonly bins: Counts;
}

/** @param counts in order of days, which the groups keep */
function groupByDay(counts: readonly DriftCount[]): Iterable<FeatureDay> {
  const groups = new Map<string, FeatureDay>();
  for (const { day, model, version, feature, bin, requests } of counts) {
    const of = { model, version, feature };
    const name = `${day} ${nameOf(of)}`;
    const bins = addCounts(groups.get(name)?.bins ?? {}, { [bin]: requests });
    groups.set(name, { day, of, bins });
  }
  return groups.values();
}

function nameOf({ model, version, feature }: DriftFeature): string {
  return `${model}@${version} ${feature}`;
}
