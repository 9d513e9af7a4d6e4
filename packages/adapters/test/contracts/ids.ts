import type { Ids } from '@scarmonit/core/ports/ids';
import { beforeEach, describe, expect, it } from 'vitest';

/** What every source of ids and randomness must do. */
export function testIds(name: string, open: () => Ids): void {
  describe(`ids: ${name}`, () => {
    let ids: Ids;
    beforeEach(() => {
      ids = open();
    });

    it('are UUIDs of version 7 and of the variant of RFC 9562, without dashes', () => {
      expect(ids.next()).toMatch(/^[0-9a-f]{12}7[0-9a-f]{3}[89ab][0-9a-f]{15}$/);
    });

    it('begin with the milliseconds since the Unix epoch', () => {
      const milliseconds = Number.parseInt(ids.next().slice(0, 12), 16);
      expect(milliseconds).toBeGreaterThan(Date.UTC(2020));
      expect(milliseconds).toBeLessThan(Date.UTC(2100));
    });

    it('sort in the order in which they were made and never repeat, however many a millisecond', () => {
      const made = Array.from({ length: 20_000 }, () => ids.next());
      expect(new Set(made).size).toBe(made.length);
      expect([...made].sort()).toEqual(made);
    });

    it('end in random bits of which two sources do not make the same', () => {
      const other = open();
      const ends = (source: Ids) => Array.from({ length: 100 }, () => source.next().slice(17));
      expect(new Set([...ends(ids), ...ends(other)]).size).toBe(200);
    });

    // 65,536 is the most that Web Crypto fills in one call.
    it.each([0, 1, 32, 65_537])('give %i random bytes when asked for as many', (count) => {
      expect(ids.randomBytes(count)).toBeInstanceOf(Uint8Array);
      expect(ids.randomBytes(count)).toHaveLength(count);
    });

    it('give bytes of every value, each about as often as any other', () => {
      const counts = new Array<number>(256).fill(0);
      for (const byte of ids.randomBytes(256_000)) counts[byte] = (counts[byte] ?? 0) + 1;
      // 1,000 each are expected; ten standard deviations (√1000) away is no accident.
      expect(Math.min(...counts)).toBeGreaterThan(680);
      expect(Math.max(...counts)).toBeLessThan(1_320);
    });

    it('give bytes that are the caller’s own: later calls do not change them', () => {
      const first = ids.randomBytes(16);
      const before = [...first];
      for (let call = 0; call < 2_000; call += 1) {
        ids.next();
        ids.randomBytes(16);
      }
      expect([...first]).toEqual(before);
      expect([...ids.randomBytes(16)]).not.toEqual(before);
    });
  });
}
