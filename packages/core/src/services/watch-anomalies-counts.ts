import type { UsageCounters } from '../anomalies/usage-counters.ts';
import type { DriftCounters } from '../drift/drift-counters.ts';
import type { AnomalyRepository } from '../ports/anomaly-repository.ts';
import type { Clock } from '../ports/clock.ts';
import type { DriftRepository } from '../ports/drift-repository.ts';
import type { Prediction } from '../ports/prediction-repository.ts';

export interface WatchCountsParts {
  readonly usage: UsageCounters;
  readonly drift: DriftCounters;
  readonly anomalies: Pick<AnomalyRepository, 'addUsage'>;
  readonly features: Pick<DriftRepository, 'add'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly projectId: string;
  /** Told of each write that failed. Must not throw. */
  onError(error: unknown): void;
}

/** What one process counts for anomalies and drift. */
export interface WatchCounts {
  /** Counts a request that has ended, in memory. Never waits, never throws. */
  record(prediction: Prediction): void;
  /** Writes what was counted; what cannot be written is part of the next flush. Never rejects. */
  flush(): Promise<void>;
}

export function createWatchCounts(parts: WatchCountsParts): WatchCounts {
  const { usage, drift, anomalies, features, clock, projectId, onError } = parts;
  const write = async (putBack: () => void, run: () => Promise<void>): Promise<void> => {
    try {
      await run();
    } catch (error) {
      putBack();
      onError(error);
    }
  };
  return {
    record: (prediction) => {
      usage.count(prediction);
      drift.count(prediction);
    },
    // Several may run at once, and overtake each other: what a source says of a window never shrinks.
    flush: async () => {
      const { rows, putBack } = usage.take(clock.now());
      if (rows.length > 0) await write(putBack, () => anomalies.addUsage(projectId, rows));
      const taken = drift.take();
      if (taken.counts.length > 0) await write(taken.putBack, () => features.add(projectId, taken.counts));
    },
  };
}
