import { abortError } from '@scarmonit/core/upstream/transport-failures';

/** How many calls one request may have at the platform at once. */
const mostLanes = 4;

/**
 * Runs `run` for every item, a few at once, and keeps the order. The first failure aborts the others.
 * @throws what failed first
 */
export async function runInLanes<Item, Result>(
  items: readonly Item[],
  signal: AbortSignal,
  run: (item: Item, signal: AbortSignal, index: number) => Promise<Result>,
): Promise<readonly Result[]> {
  if (signal.aborted) throw abortError(signal);
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  const results: Result[] = [];
  const waiting = items.entries();
  const lane = async (): Promise<void> => {
    for (const [index, item] of waiting) results[index] = await run(item, either, index);
  };
  try {
    await Promise.all(Array.from({ length: Math.min(mostLanes, items.length) }, lane));
  } catch (error) {
    failed.abort(error);
    throw error;
  }
  return results;
}
