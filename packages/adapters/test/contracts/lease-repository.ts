import type { LeaseRepository } from '@scarmonit/core/ports/lease-repository';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OpenedRepository } from './opened-repository.ts';

/** What every lease repository must do. @param open makes an empty one */
export function testLeaseRepository(name: string, open: () => Promise<OpenedRepository<LeaseRepository>>): void {
  describe(`lease repository: ${name}`, () => {
    let opened: OpenedRepository<LeaseRepository>;
    beforeEach(async () => {
      opened = await open();
    });
    afterEach(() => opened.close());
    const hold = (holder: string, now: number, until: number, lease = 'rollouts') =>
      opened.repository.hold(lease, holder, now, until);

    it('is taken by one of several that ask at once', async () => {
      const outcomes = await Promise.all(['a', 'b', 'c'].map((holder) => hold(holder, 0, 10)));
      expect(outcomes.filter(Boolean)).toHaveLength(1);
    });

    it('is renewed by its holder and refused to others until it runs out', async () => {
      expect(await hold('a', 0, 10)).toBe(true);
      expect(await hold('a', 5, 15)).toBe(true);
      expect(await hold('b', 14, 24)).toBe(false);
      expect(await hold('b', 15, 25)).toBe(true);
      expect(await hold('a', 16, 26)).toBe(false);
    });

    it('is free when its holder gives it back, and nobody else can', async () => {
      await hold('a', 0, 10);
      await opened.repository.release('rollouts', 'b');
      expect(await hold('b', 1, 11)).toBe(false);
      await opened.repository.release('rollouts', 'a');
      expect(await hold('b', 1, 11)).toBe(true);
    });

    it('is one for each name', async () => {
      await hold('a', 0, 10);
      expect(await hold('b', 0, 10, 'other')).toBe(true);
    });
  });
}
