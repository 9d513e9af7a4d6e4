import type { ManifestRepository } from '@scarmonit/core/ports/manifest-repository';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OpenedRepository } from './opened-repository.ts';

/** What every manifest repository must do. @param open makes an empty one that knows the project `default` */
export function testManifestRepository(name: string, open: () => Promise<OpenedRepository<ManifestRepository>>): void {
  describe(`manifest repository: ${name}`, () => {
    let opened: OpenedRepository<ManifestRepository>;
    beforeEach(async () => {
      opened = await open();
    });
    afterEach(() => opened.close());

    const append = (revision: number, text: string) =>
      opened.repository.append('default', { revision, text }, 1_700_000_000_000);

    it('is at revision 0 at first', async () => {
      expect(await opened.repository.latestRevision('default')).toBe(0);
      expect(await opened.repository.find('default', 1)).toBeUndefined();
    });

    it('keeps every revision as it was and knows the newest', async () => {
      await append(1, 'first');
      await append(2, 'zweites “Manifest”\n\u{1F600}');
      expect(await opened.repository.latestRevision('default')).toBe(2);
      expect(await opened.repository.find('default', 1)).toEqual({ revision: 1, text: 'first' });
      expect(await opened.repository.find('default', 2)).toEqual({
        revision: 2,
        text: 'zweites “Manifest”\n\u{1F600}',
      });
    });

    it('lets only one of several that append at once be the next, and keeps its text', async () => {
      const texts = ['a', 'b', 'c', 'd'];
      const outcomes = await Promise.all(texts.map((text) => append(1, text)));
      expect(outcomes.filter((first) => first)).toHaveLength(1);
      expect((await opened.repository.find('default', 1))?.text).toBe(texts[outcomes.indexOf(true)]);
    });

    it('keeps projects apart', async () => {
      await append(1, 'first');
      expect(await opened.repository.latestRevision('other')).toBe(0);
      expect(await opened.repository.find('other', 1)).toBeUndefined();
    });
  });
}
