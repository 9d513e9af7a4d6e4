import type { UptimeRepository } from '@scarmonit/core/ports/metrics-repository';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OpenedRepository } from './opened-repository.ts';

/** What every uptime repository must do. @param open makes an empty one that knows the project `default` */
export function testUptimeRepository(name: string, open: () => Promise<OpenedRepository<UptimeRepository>>): void {
  describe(`uptime repository: ${name}`, () => {
    let opened: OpenedRepository<UptimeRepository>;
    beforeEach(async () => {
      opened = await open();
    });
    afterEach(() => opened.close());

    const beat = (source: string, startedAt: number, lastAt: number, model = 'chat') =>
      opened.repository.beat('default', source, [{ model, startedAt, lastAt }]);

    it('prolongs a stretch, and never shortens it', async () => {
      await beat('a', 1_000, 2_000);
      await beat('a', 1_000, 4_000);
      await beat('a', 1_000, 3_000);
      expect(await opened.repository.list('default', 0)).toEqual([{ model: 'chat', startedAt: 1_000, lastAt: 4_000 }]);
    });

    it('keeps processes, models and stretches apart', async () => {
      await beat('a', 1_000, 2_000);
      await beat('b', 1_000, 2_000);
      await beat('a', 8_000, 9_000);
      await beat('a', 1_000, 2_000, 'other');
      expect(await opened.repository.list('default', 0)).toHaveLength(4);
      expect(await opened.repository.list('elsewhere', 0)).toEqual([]);
    });

    it('lists what reaches beyond a time, and deletes what ended before it', async () => {
      await beat('a', 1_000, 2_000);
      await beat('a', 1_500, 9_000);
      expect(await opened.repository.list('default', 2_001)).toMatchObject([{ startedAt: 1_500 }]);
      expect(await opened.repository.firstBeats('default')).toEqual(new Map([['chat', 1_000]]));
      await opened.repository.expire('default', 2_001);
      expect(await opened.repository.firstBeats('default')).toEqual(new Map([['chat', 1_500]]));
    });
  });
}
