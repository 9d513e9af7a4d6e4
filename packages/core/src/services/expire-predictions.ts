import type { BlobStore } from '../ports/blob-store.ts';
import type { Clock } from '../ports/clock.ts';
import type { PredictionRepository } from '../ports/prediction-repository.ts';
import { archivePredictions } from './archive-predictions.ts';

export interface ExpiryParts {
  readonly repository: Pick<PredictionRepository, 'deleteBefore' | 'listOldest'>;
  /** Where records are kept as files before they are deleted; absent: nowhere. */
  readonly archive?: BlobStore | undefined;
  readonly clock: Clock;
  readonly projectId: string;
  /** How long request records are kept; 0 keeps them for ever. */
  readonly retentionDays: number;
  /** Told of a run that failed. The next one comes an hour later all the same. Must not throw. */
  onError(error: unknown): void;
}

export interface PredictionExpiry {
  /** Begins no further batch. Resolves when the one that runs has ended. */
  close(): Promise<void>;
}

const dayMs = 86_400_000;
const everyMs = 3_600_000;
/** The first comes soon, for servers that are started more often than once an hour, but not in the way of the start. */
const firstAfterMs = 60_000;
/** Deleting so many takes a few hundredths of a second, which is how long a write of the registry may wait for it. */
const rowsAtOnce = 2_000;

/** Deletes request records that are older than the retention, once an hour, a bounded number in each transaction. */
export function expirePredictions(parts: ExpiryParts): PredictionExpiry {
  const { clock, retentionDays, onError } = parts;
  let closed = false;
  let running: Promise<void> = Promise.resolve();
  let cancelTimer = (): void => undefined;

  const run = async (): Promise<void> => {
    try {
      const batches = { rowsAtOnce, mayGoOn: () => !closed };
      await deleteExpired(parts, clock.now(), batches);
    } catch (error) {
      onError(error);
    }
    schedule(everyMs);
  };
  const schedule = (delayMs: number): void => {
    if (closed) return;
    cancelTimer = clock.schedule(delayMs, () => {
      running = run();
    });
  };

  if (retentionDays > 0) schedule(firstAfterMs);
  return {
    close: () => {
      closed = true;
      cancelTimer();
      return running;
    },
  };
}

/**
 * Deletes the request records that are older than the retention, batch after batch. For hosts that are called at their
 * time and have no timers of their own.
 * @param now milliseconds since the Unix epoch
 * @param batches how many rows each takes at most, and whether the next may begin; what is left stays for the next run
 */
export async function deleteExpired(
  { repository, projectId, retentionDays, archive }: Omit<ExpiryParts, 'clock' | 'onError'>,
  now: number,
  { rowsAtOnce: rows, mayGoOn }: { readonly rowsAtOnce: number; mayGoOn(): boolean },
): Promise<void> {
  if (retentionDays <= 0) return;
  const createdBefore = now - retentionDays * dayMs;
  let deleted = rows;
  while (deleted === rows && mayGoOn()) {
    if (archive !== undefined) {
      await archivePredictions(archive, await repository.listOldest(projectId, createdBefore, rows));
    }
    deleted = await repository.deleteBefore(projectId, createdBefore, rows);
  }
}
