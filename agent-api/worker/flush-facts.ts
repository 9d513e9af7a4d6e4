import type { Clock } from '@scarmonit/core/ports/clock';
import type { WriteFacts } from '@scarmonit/core/services/write-facts';

export interface FactsFlushParts {
  readonly clock: Pick<Clock, 'now'>;
  readonly write: WriteFacts;
  /** Must not throw. */
  onError(error: unknown): void;
}

/**
 * Isolates are many and see few requests each: a bucket that one of them cannot fill would stand in the store as if it
 * were full, for ever. So buckets are cut by the clock, whatever the answers were, and not so often that errors that come
 * together would be counted apart.
 */
const cutEveryMs = 30_000;

/** Writes an isolate's counts of rollouts to the store. What fails is written with the next. Never rejects. */
export function createFactsFlush({ clock, write, onError }: FactsFlushParts): () => Promise<void> {
  let cutAt = clock.now();
  return async () => {
    const isDue = clock.now() - cutAt >= cutEveryMs;
    if (isDue) cutAt = clock.now();
    try {
      await write(isDue ? 'cut' : undefined);
    } catch (error) {
      onError(error);
    }
  };
}
