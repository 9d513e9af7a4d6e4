import { dayMs } from '../metrics/windows.ts';
import type { OpenAnomaly } from './judge-window.ts';
import { type MeasureState, MeasureWatch } from './measure-watch.ts';
import { type Measure, measures } from './measures.ts';
import { noUsage, type SubjectKind, type Usage, usageWindowMs } from './usage.ts';

/** What is known of a subject at rest. Plain JSON, of a bounded size. */
export interface SubjectState {
  /** When the window began that was judged last. */
  readonly lastAt: number;
  readonly measures: Readonly<Partial<Record<Measure, MeasureState>>>;
}

/** What a window changed about an anomaly of a subject. */
export interface AnomalyChange {
  readonly change: 'begun' | 'furthered' | 'ended';
  readonly measure: Measure;
  readonly anomaly: OpenAnomaly;
  /** When the window ended. */
  readonly at: number;
}

export interface WatchedSubject {
  readonly state: SubjectState;
  readonly changes: readonly AnomalyChange[];
  readonly isOpen: boolean;
}

/** Baselines reach back so far: silence of an earlier time is not learned any more. */
const mostMissedMs = 28 * dayMs;

/**
 * Learns what a subject did in a window and tells what is unusual about it. Windows come in order of time; those between,
 * of which nothing is known, were silent.
 * @param window when it began, and what was done in it
 * @param knownSince nobody watched before, so that silence before says nothing
 */
export function watchSubject(
  kind: SubjectKind,
  before: SubjectState | undefined,
  { at, usage }: { readonly at: number; readonly usage: Usage },
  knownSince: number,
  newId: (measure: Measure) => string,
): WatchedSubject {
  const changes: AnomalyChange[] = [];
  const states: Partial<Record<Measure, MeasureState>> = {};
  const silentFrom = before === undefined ? at : Math.max(before.lastAt + usageWindowMs, knownSince, at - mostMissedMs);
  let isOpen = false;
  for (const measure of measures) {
    const watch = new MeasureWatch(kind, measure, before?.measures[measure], () => newId(measure));
    const step = (windowAt: number, used: Usage): void => {
      const { change, anomaly } = watch.watch(windowAt, used) ?? {};
      if (change !== undefined && anomaly !== undefined) {
        changes.push({ change, measure, anomaly, at: windowAt + usageWindowMs });
      }
    };
    for (let silent = silentFrom; silent < at; silent += usageWindowMs) {
      // Silence is a number of requests; it says nothing else but that what was unusual is over.
      if (measure !== 'requests' && !watch.isOpen) break;
      step(silent, noUsage);
    }
    step(at, usage);
    const state = watch.toState();
    if (state !== undefined) states[measure] = state;
    isOpen ||= watch.isOpen;
  }
  return { state: { lastAt: at, measures: states }, changes, isOpen };
}
