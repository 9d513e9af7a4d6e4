import type { VersionRepository } from '@scarmonit/core/ports/version-repository';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OpenedRepository } from './opened-repository.ts';

/** What every version repository must do. @param open makes an empty one that knows the project `default` */
export function testVersionRepository(name: string, open: () => Promise<OpenedRepository<VersionRepository>>): void {
  describe(`version repository: ${name}`, () => {
    let opened: OpenedRepository<VersionRepository>;
    beforeEach(async () => {
      opened = await open();
    });
    afterEach(() => opened.close());

    const register = (version: string, digest: string) =>
      opened.repository.register(
        'default',
        'support-chat',
        version,
        digest,
        1_700_000_000_000,
        `{"digest":"${digest}"}`,
      );

    it('registers a version once and knows it again', async () => {
      expect(await register('1.0.0', 'aa')).toBe('registered');
      expect(await register('1.0.0', 'aa')).toBe('same');
      expect(await opened.repository.find('default', 'support-chat', '1.0.0')).toBe('aa');
    });

    it('keeps the declaration of the first registration', async () => {
      expect(await opened.repository.findDeclaration('default', 'support-chat', '1.0.0')).toBeUndefined();
      await register('1.0.0', 'aa');
      await register('1.0.0', 'bb');
      expect(await opened.repository.findDeclaration('default', 'support-chat', '1.0.0')).toBe('{"digest":"aa"}');
    });

    it('notices a version that was edited, and keeps the first', async () => {
      await register('1.0.0', 'aa');
      expect(await register('1.0.0', 'bb')).toBe('different');
      expect(await opened.repository.find('default', 'support-chat', '1.0.0')).toBe('aa');
    });

    it('tells versions, models and projects apart', async () => {
      await register('1.0.0', 'aa');
      expect(await register('1.0.1', 'bb')).toBe('registered');
      expect(await opened.repository.register('default', 'other', '1.0.0', 'cc', 1, '{}')).toBe('registered');
      expect(await opened.repository.find('other', 'support-chat', '1.0.0')).toBeUndefined();
      expect(await opened.repository.find('default', 'support-chat', '2.0.0')).toBeUndefined();
    });

    it('tells when the first version of each model was registered', async () => {
      const { repository } = opened;
      await repository.register('default', 'support-chat', '1.0.0', 'aa', 2_000, '{}');
      await repository.register('default', 'support-chat', '1.1.0', 'bb', 3_000, '{}');
      await repository.register('default', 'support-chat', '1.0.0', 'aa', 9_000, '{}');
      await repository.register('default', 'other', '1.0.0', 'cc', 1_700_000_000_000, '{}');
      expect(await repository.firstRegistrations('default')).toEqual(
        new Map([
          ['support-chat', 2_000],
          ['other', 1_700_000_000_000],
        ]),
      );
      expect(await repository.firstRegistrations('other')).toEqual(new Map());
    });

    it('lets only one of several that register at once be the first', async () => {
      const outcomes = await Promise.all(['aa', 'bb', 'cc', 'dd'].map((digest) => register('1.0.0', digest)));
      expect(outcomes.filter((outcome) => outcome === 'registered')).toHaveLength(1);
      expect(outcomes.filter((outcome) => outcome === 'different')).toHaveLength(3);
    });
  });
}
