import { addUsage, noUsage, type Usage, usageWindowMs } from '../anomalies/usage.ts';
import { usageRank } from '../anomalies/usage-rank.ts';
import { type AnomalyChange, watchSubject } from '../anomalies/watch-subject.ts';
import { ceilTo, dayMs, floorTo } from '../metrics/windows.ts';
import type {
  Anomaly,
  AnomalyProgress,
  AnomalyRepository,
  KnownSubject,
  Subject,
  UsageRow,
} from '../ports/anomaly-repository.ts';
import type { Clock } from '../ports/clock.ts';

export interface AnomalyWatchPorts {
  readonly repository: AnomalyRepository;
  readonly projectId: string;
  readonly clock: Pick<Clock, 'now'>;
  /** What people know a subject by. */
  labelOf(subject: Subject): Promise<string>;
  /** Told of the anomalies that began in one window, once they are stored. Must not throw. */
  onBegun(anomalies: readonly Anomaly[]): void;
}

/** Keys, and models, that are known at the most: those that are used least are forgotten. About 4 MB of each. */
const mostOfAKind = 1_000;
/** Counts of a window are complete so long after its end: processes write theirs once a minute. */
const settleMs = 90_000;
/** What was not watched for longer is unknown, not silent. */
const longestGapMs = 2 * usageWindowMs;
/** Windows that are judged in one go, so that whoever leads is not cut off in the middle. */
const windowsAtOnce = 6;
/** Subjects that are read and written at once: what is done between two of these keeps requests waiting for milliseconds. */
const subjectsAtOnce = 20;
const anomaliesKeptMs = 90 * dayMs;
/** No anomaly goes on for longer than a day; see `judgeWindow`. */
const surelyOverMs = dayMs + 4 * usageWindowMs;

/**
 * Judges the windows that are complete. To be called about once a minute by one of several processes; two that both do it
 * come to the same result and write it twice.
 */
export async function judgeUsage(ports: AnomalyWatchPorts): Promise<void> {
  const { repository, projectId, clock } = ports;
  const now = clock.now();
  let progress = begin(await repository.readProgress(projectId), now);
  const due = floorTo(now - settleMs, usageWindowMs);
  for (let windows = 0; progress.judgedUntil < due && windows < windowsAtOnce; windows += 1) {
    await judgeWindowOf(ports, progress.judgedUntil, progress.knownSince);
    progress = { ...progress, judgedUntil: progress.judgedUntil + usageWindowMs };
  }
  await repository.saveProgress(projectId, progress, {
    mostOfAKind,
    keptFrom: now - anomaliesKeptMs,
    endedBefore: now - surelyOverMs,
  });
}

/** After a time in which nobody watched, watching begins anew with the next whole window. */
function begin(before: AnomalyProgress | undefined, now: number): AnomalyProgress {
  if (before !== undefined && now - before.watchedAt <= longestGapMs) return { ...before, watchedAt: now };
  const from = ceilTo(now, usageWindowMs);
  return { judgedUntil: Math.max(from, before?.judgedUntil ?? 0), knownSince: from, watchedAt: now };
}

async function judgeWindowOf(ports: AnomalyWatchPorts, at: number, knownSince: number): Promise<void> {
  const { repository, projectId } = ports;
  const usages = sumBySubject(await repository.listUsage(projectId, at));
  for (const silent of await repository.listWatched(projectId)) {
    const name = nameOf(silent);
    if (!usages.has(name)) usages.set(name, { kind: silent.kind, subject: silent.subject, ...noUsage });
  }
  const all = [...usages.values()];
  const begun: Anomaly[] = [];
  for (let from = 0; from < all.length; from += subjectsAtOnce) {
    begun.push(...(await judgeSubjects(ports, all.slice(from, from + subjectsAtOnce), at, knownSince)));
  }
  if (begun.length > 0) ports.onBegun(begun);
}

type SubjectUsage = Subject & Usage;

async function judgeSubjects(
  { repository, projectId, labelOf }: AnomalyWatchPorts,
  usages: readonly SubjectUsage[],
  at: number,
  knownSince: number,
): Promise<readonly Anomaly[]> {
  const known = new Map((await repository.findSubjects(projectId, usages)).map((one) => [nameOf(one), one]));
  const saved: KnownSubject[] = [];
  const anomalies: Anomaly[] = [];
  const begun: Anomaly[] = [];
  for (const usage of usages) {
    const { kind, subject } = usage;
    const before = known.get(nameOf(usage));
    // Somebody was here already and did not come to write down the progress.
    if (before !== undefined && before.state.lastAt >= at) continue;
    // The same window makes the same id, whoever judges it.
    const newId = (measure: string): string => `an_${at.toString(36)}_${measure}_${kind}_${subject}`;
    const { state, changes, isOpen } = watchSubject(kind, before?.state, { at, usage }, knownSince, newId);
    saved.push({ kind, subject, state, isOpen, rank: usageRank(before?.rank, usage.requests, at) });
    if (changes.length === 0) continue;
    const label = await labelOf(usage);
    for (const change of changes) {
      const anomaly = toAnomaly(usage, label, change);
      anomalies.push(anomaly);
      if (change.change === 'begun') begun.push(anomaly);
    }
  }
  await repository.saveSubjects(projectId, saved, anomalies);
  return begun;
}

function toAnomaly(
  { kind, subject }: Subject,
  label: string,
  { change, measure, anomaly, at }: AnomalyChange,
): Anomaly {
  const { id, direction, value, usual, isPeak, since } = anomaly;
  const ended = change === 'ended' ? { until: at } : {};
  return { id, kind, subject, label, measure, direction, value, usual, isPeak, since, ...ended };
}

function sumBySubject(rows: readonly UsageRow[]): Map<string, SubjectUsage> {
  const sums = new Map<string, SubjectUsage>();
  for (const row of rows) {
    const name = nameOf(row);
    const { kind, subject } = row;
    sums.set(name, { kind, subject, ...addUsage(sums.get(name) ?? noUsage, row) });
  }
  return sums;
}

function nameOf({ kind, subject }: Subject): string {
  return `${kind} ${subject}`;
}
