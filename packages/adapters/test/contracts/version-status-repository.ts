import type { RolloutRepository } from '@scarmonit/core/ports/rollout-repository';
import type { VersionRepository } from '@scarmonit/core/ports/version-repository';
import type { VersionStatusRecord, VersionStatusRepository } from '@scarmonit/core/ports/version-status-repository';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OpenedRepository } from './opened-repository.ts';
import { at, describeTraffic } from './rollout-records.ts';

export interface VersionStatusRepositories {
  readonly statuses: VersionStatusRepository;
  readonly versions: VersionRepository;
  readonly rollouts: RolloutRepository;
}

/** What every repository of version statuses must do. @param open makes empty ones that know the project `default` */
export function testVersionStatusRepository(
  name: string,
  open: () => Promise<OpenedRepository<VersionStatusRepositories>>,
): void {
  describe(`version status repository: ${name}`, () => {
    let opened: OpenedRepository<VersionStatusRepositories>;
    beforeEach(async () => {
      opened = await open();
    });
    afterEach(() => opened.close());

    const register = (version: string, createdAt = at, model = 'chat') =>
      opened.repository.versions.register('default', model, version, `${version}-digest`, createdAt, '{"runtime":"x"}');
    const say = (revision: number, changes: Partial<VersionStatusRecord> = {}) =>
      opened.repository.statuses.append('default', {
        model: 'chat',
        version: '1.0.0',
        revision,
        status: 'deprecated',
        decidedBy: 'sk-ada',
        reason: 'an “old” one',
        createdAt: at + revision,
        ...changes,
      });

    it('lists what was registered, in the order of the registrations, all models’ or one’s', async () => {
      await register('1.1.0', at + 2);
      await register('1.0.0', at + 1);
      await register('1.0.0', at + 3, 'other');
      const { statuses } = opened.repository;
      const plain = { digest: '1.0.0-digest', declaration: '{"runtime":"x"}', wasStable: false, version: '1.0.0' };
      expect(await statuses.list('default', 'chat')).toEqual([
        { ...plain, model: 'chat', createdAt: at + 1 },
        { ...plain, model: 'chat', version: '1.1.0', digest: '1.1.0-digest', createdAt: at + 2 },
      ]);
      const all = await statuses.list('default');
      expect(all.map(({ model, version }) => `${model}@${version}`)).toEqual([
        'chat@1.0.0',
        'chat@1.1.0',
        'other@1.0.0',
      ]);
      expect(await statuses.list('other')).toEqual([]);
    });

    it('knows what was ever stable', async () => {
      await register('1.0.0');
      await register('1.1.0', at + 1);
      await register('1.0.0', at + 2, 'other');
      for (const revision of [1, 2]) {
        const traffic = describeTraffic(revision, { stable: '1.0.0', candidate: '1.1.0' });
        await opened.repository.rollouts.commit('default', { traffic, receipts: [] });
      }
      const listed = await opened.repository.statuses.list('default');
      expect(listed.map(({ model, version, wasStable }) => [model, version, wasStable])).toEqual([
        ['chat', '1.0.0', true],
        ['chat', '1.1.0', false],
        ['other', '1.0.0', false],
      ]);
    });

    it('gives the newest word on each version, whole', async () => {
      await register('1.0.0');
      await say(1, { sunsetAt: at + 100 });
      const { statuses } = opened.repository;
      const first = {
        model: 'chat',
        version: '1.0.0',
        revision: 1,
        status: 'deprecated',
        sunsetAt: at + 100,
        decidedBy: 'sk-ada',
        reason: 'an “old” one',
        createdAt: at + 1,
      };
      expect((await statuses.list('default'))[0]?.said).toEqual(first);
      for (let revision = 2; revision <= 11; revision += 1) await say(revision, { status: 'testing' });
      const newest = (await statuses.list('default'))[0]?.said;
      expect(newest).toMatchObject({ revision: 11, status: 'testing' });
      expect(newest).not.toHaveProperty('sunsetAt');
    });

    it('tells what is deprecated now', async () => {
      const { statuses } = opened.repository;
      expect(await statuses.listDeprecated('default')).toEqual([]);
      await say(1);
      await say(1, { version: '1.1.0' });
      await say(2, { status: 'testing' });
      await say(1, { version: '1.2.0', status: 'testing' });
      const deprecated = await statuses.listDeprecated('default');
      expect(deprecated).toMatchObject([{ version: '1.1.0', revision: 1, createdAt: at + 1 }]);
      expect(await statuses.listDeprecated('other')).toEqual([]);
    });

    it('lets one of several who decide at once win', async () => {
      const outcomes = await Promise.all(['a', 'b', 'c'].map((decidedBy) => say(1, { decidedBy })));
      expect(outcomes.filter(Boolean)).toHaveLength(1);
      expect(await say(1)).toBe(false);
      expect(await say(1, { version: '1.1.0' })).toBe(true);
      expect(await say(2)).toBe(true);
    });

    it('keeps the first card of a version', async () => {
      await register('1.0.0');
      await register('1.1.0', at + 1);
      const { statuses } = opened.repository;
      await statuses.keepCard('default', 'chat', '1.0.0', '{"text":"first"}');
      await statuses.keepCard('default', 'chat', '1.0.0', '{"text":"second"}');
      const [first, second] = await statuses.list('default');
      expect(first?.card).toBe('{"text":"first"}');
      expect(second).not.toHaveProperty('card');
    });
  });
}
