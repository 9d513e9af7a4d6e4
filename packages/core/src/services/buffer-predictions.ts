import type { Clock } from '../ports/clock.ts';
import type { Prediction } from '../ports/prediction-repository.ts';
import { createBoundedQueue } from './bounded-queue.ts';

export interface PredictionBufferParts<Row = Prediction> {
  readonly repository: { insertMany(rows: readonly Row[]): Promise<void> };
  readonly clock: Clock;
  /** Told of each write that failed and of records that were lost. Must not throw. */
  onError(problem: BufferProblem): void;
  /** Records that are kept while the store does not take them; beyond it the oldest are dropped and counted. */
  readonly maxRows?: number;
}

export interface BufferProblem {
  readonly error: unknown;
  /** Records that are waiting for the next try. */
  readonly waiting: number;
  /** Records lost since the buffer was made. */
  readonly dropped: number;
}

export interface PredictionBuffer<Row = Prediction> {
  /** Takes a record. Costs an append to an array; never waits, never throws. */
  record(row: Row): void;
  /** Resolves when everything that was recorded before the call is stored. @throws what the repository throws */
  flush(): Promise<void>;
  /** Stores what is left, giving up after five seconds. Never throws; records that come later are dropped. */
  close(): Promise<void>;
  readonly waiting: number;
  readonly dropped: number;
}

const FLUSH_EVERY_MS = 1_000;
const CLOSE_TIMEOUT_MS = 5_000;
const DEFAULT_MAX_ROWS = 50_000;
/** Handing over this many rows takes about a millisecond of the thread that also answers requests. */
const ROWS_PER_TRANSACTION = 1_000;

/**
 * Collects records, of requests or of shadow pairs, and stores them once a second, so that recording neither delays nor fails an answer.
 * A failed write is tried again a second later with the records kept; the repository ignores records that it has.
 */
export function createPredictionBuffer<Row = Prediction>(parts: PredictionBufferParts<Row>): PredictionBuffer<Row> {
  const { repository, clock, onError, maxRows = DEFAULT_MAX_ROWS } = parts;
  const queue = createBoundedQueue<Row>(maxRows);
  let cancelTimer: (() => void) | undefined;
  let writing: Promise<void> | undefined;
  let phase: 'open' | 'closing' | 'closed' = 'open';

  const report = (error: unknown): void => onError({ error, waiting: queue.size, dropped: queue.dropped });

  const writeOnce = async (): Promise<void> => {
    const { items, from, to } = queue.peek(ROWS_PER_TRANSACTION);
    try {
      await repository.insertMany(items);
      queue.confirm(from, to);
    } catch (error) {
      report(error);
      throw error;
    } finally {
      writing = undefined;
    }
  };

  const flush = async (): Promise<void> => {
    cancelTimer?.();
    cancelTimer = undefined;
    const end = queue.end;
    try {
      while (queue.start < end) {
        writing ??= writeOnce();
        await writing;
      }
    } finally {
      schedule();
    }
  };

  /** Also what is recorded while it writes. */
  const flushAll = async (): Promise<void> => {
    while (queue.size > 0) await flush();
  };

  const schedule = (): void => {
    if (phase !== 'open' || queue.size === 0 || cancelTimer !== undefined) return;
    cancelTimer = clock.schedule(FLUSH_EVERY_MS, () => {
      cancelTimer = undefined;
      // A failure was reported and the timer is set again; there is nobody else to tell.
      if (writing === undefined) flush().catch(() => undefined);
      else schedule();
    });
  };

  return {
    record(row) {
      queue.push(row);
      if (phase === 'closed') queue.clear();
      else schedule();
    },
    flush,
    async close() {
      phase = 'closing';
      let cancelTimeout: (() => void) | undefined;
      const timeout = new Promise<never>((_, reject) => {
        cancelTimeout = clock.schedule(CLOSE_TIMEOUT_MS, () => reject(new Error('The store did not answer in time')));
      });
      try {
        await Promise.race([flushAll(), timeout]);
      } catch (error) {
        queue.clear();
        report(error);
      } finally {
        phase = 'closed';
        cancelTimeout?.();
      }
    },
    get waiting() {
      return queue.size;
    },
    get dropped() {
      return queue.dropped;
    },
  };
}
