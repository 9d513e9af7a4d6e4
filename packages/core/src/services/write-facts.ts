import type { RolloutFactsRepository } from '../ports/rollout-facts-repository.ts';
import type { RolloutCounters } from '../rollouts/rollout-counters.ts';

/** Writes what was counted since the last time. @param cut as of {@link RolloutCounters.drain} */
export type WriteFacts = (cut?: 'cut') => Promise<void>;

/**
 * Writes what was counted, each flush under the next number of this process, and the same flush again if it failed. Safe
 * to run several times at once: what is written twice counts once.
 * @param source of this process, and never of another
 */
export function createFactsWriter(
  counters: RolloutCounters,
  facts: Pick<RolloutFactsRepository, 'add'>,
  source: string,
): WriteFacts {
  const sequences = new Map<string, number>();
  const waiting: Parameters<RolloutFactsRepository['add']>[0][] = [];
  return async (cut) => {
    for (const { rolloutId, folded, crashes } of counters.drain(cut)) {
      const sequence = (sequences.get(rolloutId) ?? 0) + 1;
      sequences.set(rolloutId, sequence);
      const { exposures, buckets } = folded.facts;
      waiting.push({ rolloutId, source, sequence, exposures, buckets, crashes, sightings: folded.sightings });
    }
    for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
      await facts.add(next);
      // Another run may have written it at the same time, and gone on.
      if (waiting[0] === next) waiting.shift();
    }
  };
}
