import { UsageCounters } from '@scarmonit/core/anomalies/usage-counters';
import type { ContentWatch } from '@scarmonit/core/drift/content-watch';
import { DriftCounters } from '@scarmonit/core/drift/drift-counters';
import type { Clock } from '@scarmonit/core/ports/clock';
import type { Ids } from '@scarmonit/core/ports/ids';
import type { KeyRepository } from '@scarmonit/core/ports/key-repository';
import type { Notifier } from '@scarmonit/core/ports/notifier';
import type { SqlDatabase } from '@scarmonit/core/ports/sql-database';
import type { AgentServices } from '@scarmonit/core/services/agent-services';
import { setDriftReference } from '@scarmonit/core/services/set-drift-reference';
import { createWatchCounts, type WatchCounts } from '@scarmonit/core/services/watch-anomalies-counts';
import { noteAnomalies, noteDrift } from '@scarmonit/core/services/watch-anomalies-notes';
import { createWatchRound, repeatEveryMinute } from '@scarmonit/core/services/watch-anomalies-rounds';
import { createAnomalyRepository } from '@scarmonit/store/anomaly-repository';
import { createDriftRepository } from '@scarmonit/store/drift-repository';
import { createLeaseRepository } from '@scarmonit/store/lease-repository';

export interface WatchCountingParts {
  readonly database: SqlDatabase;
  readonly projectId: string;
  readonly clock: Clock;
  readonly ids: Pick<Ids, 'next'>;
  readonly log: (level: 'info' | 'error', message: string, details: Readonly<Record<string, unknown>>) => void;
}

/** What counts for anomalies and drift in this process, or isolate, and no other. */
export interface WatchCounting extends WatchCounts {
  readonly content: ContentWatch;
}

export function composeWatchCounting({ database, projectId, clock, ids, log }: WatchCountingParts): WatchCounting {
  const drift = new DriftCounters(clock);
  const counts = createWatchCounts({
    usage: new UsageCounters(ids.next()),
    drift,
    anomalies: createAnomalyRepository(database),
    features: createDriftRepository(database),
    clock,
    projectId,
    onError: (error) => log('error', 'usage could not be written; it is written again', { err: error }),
  });
  return { ...counts, content: drift };
}

/** Writes the counts of a process that leaves judging to another. */
export function startWatchCounting(parts: WatchCountingParts): WatchCounting & { close(): Promise<void> } {
  const counting = composeWatchCounting(parts);
  return { ...counting, close: repeat(parts.clock, counting.flush, counting) };
}

export interface AnomalyParts extends WatchCountingParts {
  readonly keys: Pick<KeyRepository, 'list'>;
  readonly notifier: Pick<Notifier, 'notify'>;
}

export interface ComposedAnomalies extends WatchCounting {
  readonly services: Pick<AgentServices, 'anomalies' | 'drift'>;
  /** Writes what was counted here, and judges what is complete where no other one does. Never rejects. */
  everyMinute(): Promise<void>;
}

/** Anomalies and drift for hosts that are called at their time. */
export function composeAnomalies(parts: AnomalyParts): ComposedAnomalies {
  const { database, projectId, clock, ids, keys, notifier, log } = parts;
  const anomalies = createAnomalyRepository(database);
  const drift = createDriftRepository(database);
  const counting = composeWatchCounting(parts);
  const judge = createWatchRound({
    anomalies: {
      repository: anomalies,
      projectId,
      clock,
      labelOf: async ({ kind, subject }) => (kind === 'model' ? subject : nameKey(keys, projectId, subject)),
      onBegun: (begun) => {
        for (const note of noteAnomalies(begun, clock.now())) {
          log('info', note.summary, note.data);
          notifier.notify(note);
        }
      },
    },
    drift: {
      repository: drift,
      projectId,
      clock,
      onDrifted: (drifted) => {
        for (const note of noteDrift(drifted, clock.now())) {
          log('info', note.summary, note.data);
          notifier.notify(note);
        }
      },
    },
    leases: createLeaseRepository(database),
    clock,
    ids,
    projectId,
    onError: (error) =>
      log('error', 'anomalies and drift could not be looked for; it is tried again in a minute', { err: error }),
  });
  return {
    ...counting,
    services: {
      anomalies,
      drift: {
        ...drift,
        setReference: (project, wanted) => setDriftReference({ repository: drift, clock }, project, wanted),
      },
    },
    everyMinute: async () => {
      await counting.flush();
      await judge();
    },
  };
}

/** Anomalies and drift for hosts whose process stays. */
export function startAnomalies(parts: AnomalyParts): ComposedAnomalies & { close(): Promise<void> } {
  const composed = composeAnomalies(parts);
  return { ...composed, close: repeat(parts.clock, composed.everyMinute, composed) };
}

/** @returns what ends it, and writes what is left */
function repeat(clock: Clock, work: () => Promise<void>, { flush }: Pick<WatchCounts, 'flush'>): () => Promise<void> {
  const repeated = repeatEveryMinute(clock, work);
  return async () => {
    await repeated.close();
    await flush();
  };
}

/** By its prefix, never more of it. */
async function nameKey(keys: AnomalyParts['keys'], projectId: string, id: string): Promise<string> {
  return (await keys.list(projectId)).find((key) => key.id === id)?.prefix ?? id;
}
