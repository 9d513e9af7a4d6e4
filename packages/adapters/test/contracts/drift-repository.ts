import { unknownDrift, watchDay } from '@scarmonit/core/drift/drift-watch';
import type { DriftCount, DriftRepository, KnownDrift } from '@scarmonit/core/ports/drift-repository';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OpenedRepository } from './opened-repository.ts';

const day = 1_699_920_000_000;

const count = (bin: string, requests: number, rest: Partial<DriftCount> = {}): DriftCount => ({
  model: 'mood',
  version: '1.0.0',
  feature: 'label',
  day,
  bin,
  requests,
  ...rest,
});

const known = (feature: string, lastDay: number, model = 'mood'): KnownDrift => ({
  model,
  version: '1.0.0',
  feature,
  state: watchDay(unknownDrift, lastDay, { good: 3, bad: 4 }),
  lastDay,
});

/** What every drift repository must do. @param open makes an empty one that knows the project `default` */
export function testDriftRepository(name: string, open: () => Promise<OpenedRepository<DriftRepository>>): void {
  describe(`drift repository: ${name}`, () => {
    let opened: OpenedRepository<DriftRepository>;
    beforeEach(async () => {
      opened = await open();
    });
    afterEach(() => opened.close());

    it('adds counts up, over calls and within one', async () => {
      const { repository } = opened;
      await repository.add('default', [count('good', 3), count('bad', 1), count('good', 2)]);
      await repository.add('default', [count('good', 4), count('good', 9, { day: day + 86_400_000 })]);
      await repository.add('default', []);
      expect(await repository.listCounts('default', day + 1)).toEqual([count('bad', 1), count('good', 9)]);
      expect(await repository.listCounts('default', day)).toEqual([]);
      expect(await repository.listCounts('elsewhere', day + 1)).toEqual([]);
    });

    it('adds many bins in one go', async () => {
      const bins = Array.from({ length: 40 }, (_, place) => count(`bin-${place + 10}`, place + 1));
      await opened.repository.add('default', bins);
      await opened.repository.add('default', bins);
      const listed = await opened.repository.listCounts('default', day + 1);
      expect(listed).toEqual(bins.map((one) => ({ ...one, requests: one.requests * 2 })));
    });

    it('keeps what is known, and with it ends the days that are in it', async () => {
      const { repository } = opened;
      await repository.add('default', [count('good', 3), count('good', 5, { day: day + 86_400_000 })]);
      await repository.save('default', [known('label', day), known('script', day)], day + 1, 100);
      await repository.save('default', [known('label', day + 1), known('label', day, 'other')], day + 1, 100);
      expect(await repository.list('default')).toEqual([
        known('label', day + 1),
        known('script', day),
        known('label', day, 'other'),
      ]);
      expect(await repository.list('default', 'other')).toEqual([known('label', day, 'other')]);
      expect(await repository.listCounts('default', Number.MAX_SAFE_INTEGER)).toMatchObject([
        { day: day + 86_400_000 },
      ]);
    });

    it('forgets what was seen least lately, when there is too much', async () => {
      const { repository } = opened;
      await repository.save(
        'default',
        [known('label', day), known('script', day + 2), known('input-tokens', day + 2)],
        0,
        2,
      );
      expect((await repository.list('default')).map(({ feature }) => feature)).toEqual(['input-tokens', 'script']);
      await repository.save('default', [], 0, 1);
      expect(await repository.list('default')).toHaveLength(1);
    });

    it('forgets one model, and says how much that was', async () => {
      const { repository } = opened;
      await repository.add('default', [count('good', 3), count('good', 3, { model: 'other' })]);
      await repository.save('default', [known('label', day), known('script', day), known('label', day, 'other')], 0, 9);
      expect(await repository.forget('default', 'mood')).toBe(2);
      expect(await repository.forget('default', 'mood')).toBe(0);
      expect(await repository.list('default')).toEqual([known('label', day, 'other')]);
      expect(await repository.listCounts('default', day + 1)).toEqual([count('good', 3, { model: 'other' })]);
    });
  });
}
