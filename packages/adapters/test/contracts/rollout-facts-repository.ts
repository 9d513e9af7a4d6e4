import type { FactsFlush, RolloutFactsRepository } from '@scarmonit/core/ports/rollout-facts-repository';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OpenedRepository } from './opened-repository.ts';

const lane = { revision: 2, arm: 'candidate', event: 'error' } as const;
const sighting = { ...lane, weight: 0.1, happened: false, key: 'k1' } as const;

function flush(sequence: number, changes: Partial<FactsFlush> = {}): FactsFlush {
  return {
    rolloutId: 'r1',
    source: 'p1',
    sequence,
    exposures: [{ ...lane, weight: 0.1, unit: 'request', exposed: 10, events: 1 }],
    buckets: [{ ...lane, requests: 50, events: 1, buckets: 1 }],
    crashes: 1,
    sightings: [],
    ...changes,
  };
}

/** What every repository of rollouts' facts must do. @param open makes an empty one */
export function testRolloutFactsRepository(
  name: string,
  open: () => Promise<OpenedRepository<RolloutFactsRepository>>,
): void {
  describe(`rollout facts repository: ${name}`, () => {
    let opened: OpenedRepository<RolloutFactsRepository>;
    beforeEach(async () => {
      opened = await open();
    });
    afterEach(() => opened.close());
    const add = (...flushes: readonly FactsFlush[]) => Promise.all(flushes.map((one) => opened.repository.add(one)));
    const sumOf = (times: number) => ({
      exposures: [{ ...lane, weight: 0.1, unit: 'request', exposed: 10 * times, events: times }],
      buckets: [{ ...lane, requests: 50, events: 1, buckets: times }],
      crashes: times,
    });

    it('knows nothing of a rollout that nothing was counted of', async () => {
      expect(await opened.repository.sum('r1')).toEqual({ exposures: [], buckets: [], crashes: 0 });
    });

    it('adds up the flushes of all sources, and keeps rollouts apart', async () => {
      await add(flush(1), flush(2), flush(1, { source: 'p2' }), flush(1, { rolloutId: 'r2' }));
      expect(await opened.repository.sum('r1')).toEqual(sumOf(3));
      expect(await opened.repository.sum('r2')).toEqual(sumOf(1));
    });

    it('counts a flush that arrives twice once, also when later ones came between', async () => {
      await add(flush(1), flush(1));
      await add(flush(2));
      await add(flush(3));
      await add(flush(2));
      await add(flush(1), flush(3));
      expect(await opened.repository.sum('r1')).toEqual(sumOf(3));
    });

    it('leaves out buckets that were taken back', async () => {
      const moved = [
        { ...lane, requests: 50, events: 1, buckets: -1 },
        { ...lane, requests: 50, events: 2, buckets: 1 },
      ];
      await add(flush(1), flush(2, { exposures: [], buckets: moved, crashes: 0 }));
      expect((await opened.repository.sum('r1')).buckets).toEqual([{ ...lane, requests: 50, events: 2, buckets: 1 }]);
    });

    it('counts a key the first time that any source sees it, exposed and hit apart', async () => {
      const empty = { exposures: [], buckets: [], crashes: 0 };
      const later = { ...sighting, revision: 3, weight: 0.5, arm: 'stable' } as const;
      await add(flush(1, { ...empty, sightings: [sighting, { ...sighting, key: 'k2' }] }));
      await add(flush(1, { ...empty, source: 'p2', sightings: [later, { ...later, happened: true }] }));
      await add(
        flush(2, {
          ...empty,
          sightings: [
            { ...sighting, happened: true },
            { ...later, event: 'over-cost' },
          ],
        }),
      );
      const { exposures } = await opened.repository.sum('r1');
      const counted = exposures.map(({ arm, event, weight, unit, exposed, events }) =>
        [arm, event, weight, unit, exposed, events].join(' '),
      );
      expect(counted.sort()).toEqual([
        'candidate error 0.1 key 2 0',
        'stable error 0.5 key 0 1',
        'stable over-cost 0.5 key 1 0',
      ]);
    });

    it('stores a flush of many rows whole', async () => {
      const buckets = Array.from({ length: 300 }, (_, events) => ({ ...lane, requests: 500, events, buckets: 1 }));
      await add(flush(1, { buckets }));
      expect((await opened.repository.sum('r1')).buckets).toHaveLength(300);
    });
  });
}
