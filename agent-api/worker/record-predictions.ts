import type { Clock } from '@scarmonit/core/ports/clock';
import type { Prediction, PredictionRepository } from '@scarmonit/core/ports/prediction-repository';

/** What is counted of requests beside their records. `flush` never rejects. */
interface RequestCounts {
  count(prediction: Prediction): void;
  flush(): Promise<void>;
}

export interface RecorderParts {
  readonly clock: Pick<Clock, 'now' | 'schedule'>;
  readonly repository: Pick<PredictionRepository, 'insertMany'>;
  readonly traffic: RequestCounts;
  readonly metrics: RequestCounts;
  /** Writes what was counted for rollouts. Never rejects. */
  writeFacts(): Promise<void>;
  /** Keeps the work of the current request alive after its answer. */
  waitUntil(work: Promise<unknown>): void;
  /** @param lost records that are given up */
  onError(error: unknown, lost: number): void;
}

const gatherMs = 1_000;
const retryMs = 2_000;
/** Records that are kept while the store does not take them; the oldest go first. */
const mostWaiting = 5_000;

/**
 * Collects the records of an isolate's requests and stores them after the answers, about once a second. Every request
 * stays until its own record is stored, by itself or by another: an isolate may end when its last request does.
 */
export function createPredictionRecorder({
  clock,
  repository,
  traffic,
  metrics,
  writeFacts,
  waitUntil,
  onError,
}: RecorderParts) {
  let waiting: Prediction[] = [];
  let startedAt = Number.NEGATIVE_INFINITY;

  const pause = (ms: number): Promise<void> => new Promise((resolve) => void clock.schedule(ms, resolve));

  const store = async (): Promise<void> => {
    const records = waiting;
    waiting = [];
    if (records.length === 0) return;
    startedAt = clock.now();
    try {
      await Promise.all([repository.insertMany(records), traffic.flush(), metrics.flush(), writeFacts()]);
    } catch (error) {
      const kept = [...records, ...waiting];
      waiting = kept.slice(-mostWaiting);
      onError(error, kept.length - waiting.length);
      throw error;
    }
  };

  const settle = async (): Promise<void> => {
    const sinceLast = clock.now() - startedAt;
    // At the first record, and when it has been quiet, there is nothing to gather.
    if (sinceLast < gatherMs) await pause(gatherMs - sinceLast);
    try {
      await store();
    } catch {
      await pause(retryMs);
      // What fails again stays for the next request; the store ignores records that it has.
      await store().catch(() => undefined);
    }
  };

  return {
    /** Takes a record. Never waits, never throws. */
    record(prediction: Prediction): void {
      waiting.push(prediction);
      traffic.count(prediction);
      metrics.count(prediction);
      waitUntil(settle());
    },
  };
}
