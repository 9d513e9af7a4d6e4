import type { MetricCounters } from '../metrics/metric-counters.ts';
import type { RefusalReason } from '../metrics/refusals.ts';
import type { Clock } from '../ports/clock.ts';
import type { MetricsRepository } from '../ports/metrics-repository.ts';
import type { Prediction } from '../ports/prediction-repository.ts';
import { slowRequestMs } from '../telemetry/slow-requests.ts';

export interface MetricsWriterParts {
  readonly counters: MetricCounters;
  readonly repository: Pick<MetricsRepository, 'write'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly projectId: string;
  /** Told of each write that failed, and how many requests were given up so far. Must not throw. */
  onError(error: unknown, lost: number): void;
}

export interface MetricsRecorderParts extends MetricsWriterParts {
  readonly clock: Pick<Clock, 'now' | 'schedule'>;
  /** A request that took longer is told of, where `onSlow` is there. */
  onSlow?(prediction: Prediction): void;
}

export interface MetricsRecorder {
  /** Counts a request that has ended. Never waits, never throws. */
  record(prediction: Prediction): void;
  /** Counts a request that was refused before a version was chosen. Never waits, never throws. */
  recordRefusal(reason: RefusalReason): void;
  /** Writes what was counted. @throws what the repository throws; it is written the next time then */
  flush(): Promise<void>;
  /** Writes what is left, and writes no more. Never rejects. */
  close(): Promise<void>;
}

const flushEveryMs = 1_000;

/**
 * Writes what was counted, for hosts that have no timers of their own.
 * @throws what the repository throws; what was counted is part of the next write then
 */
export async function writeMetrics(parts: MetricsWriterParts): Promise<void> {
  const { counters, repository, clock, projectId, onError } = parts;
  if (!counters.isDirty) return;
  const { flush, putBack } = counters.take(clock.now());
  try {
    await repository.write(projectId, flush);
  } catch (error) {
    putBack();
    onError(error, counters.lost);
    throw error;
  }
}

/** Counts requests in memory and writes the counts once a second, so that counting neither delays nor fails an answer. */
export function createMetricsRecorder(parts: MetricsRecorderParts): MetricsRecorder {
  const { counters, clock, onSlow } = parts;
  let cancelTimer: (() => void) | undefined;
  let writing: Promise<void> = Promise.resolve();
  let isClosed = false;

  /** One at a time: what a write that failed puts back must be in the next. */
  const flush = (): Promise<void> => {
    const next = writing.catch(() => undefined).then(() => writeMetrics(parts));
    writing = next;
    return next;
  };

  const schedule = (): void => {
    if (isClosed || cancelTimer !== undefined) return;
    cancelTimer = clock.schedule(flushEveryMs, () => {
      cancelTimer = undefined;
      flush()
        .catch(() => undefined)
        .finally(() => {
          if (counters.isDirty) schedule();
        });
    });
  };

  return {
    record(prediction) {
      counters.count(prediction);
      if (prediction.latencyMs > slowRequestMs) onSlow?.(prediction);
      schedule();
    },
    recordRefusal(reason) {
      counters.countRefusal(reason, clock.now());
      schedule();
    },
    flush,
    async close() {
      isClosed = true;
      cancelTimer?.();
      await flush().catch(() => undefined);
    },
  };
}
