import { watchSubject } from '@scarmonit/core/anomalies/watch-subject';
import type {
  Anomaly,
  AnomalyRepository,
  KnownSubject,
  Subject,
  UsageRow,
} from '@scarmonit/core/ports/anomaly-repository';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OpenedRepository } from './opened-repository.ts';

const at = 1_700_000_100_000;
const key: Subject = { kind: 'key', subject: 'key-1' };
const model: Subject = { kind: 'model', subject: 'chat' };

const usage = (requests: number, row: Partial<UsageRow> = {}): UsageRow => ({
  ...key,
  startedAt: at,
  source: 'a',
  requests,
  errors: 1,
  tokens: requests * 10,
  latency: [0, 0, requests],
  ...row,
});

const known = (subject: Subject, rank: number, isOpen = false): KnownSubject => {
  const { state } = watchSubject(subject.kind, undefined, { at, usage: usage(20) }, at, () => 'never');
  return { ...subject, state, rank, isOpen };
};

const anomaly = (id: string, rest: Partial<Anomaly> = {}): Anomaly => ({
  ...key,
  id,
  label: 'sk-ab12',
  measure: 'requests',
  direction: 'above',
  value: 1_230,
  usual: 30.5,
  isPeak: false,
  since: at,
  ...rest,
});

/** What every anomaly repository must do. @param open makes an empty one that knows the project `default` */
export function testAnomalyRepository(name: string, open: () => Promise<OpenedRepository<AnomalyRepository>>): void {
  describe(`anomaly repository: ${name}`, () => {
    let opened: OpenedRepository<AnomalyRepository>;
    beforeEach(async () => {
      opened = await open();
    });
    afterEach(() => opened.close());

    it('replaces what a source said of a window, never by less', async () => {
      const { repository } = opened;
      await repository.addUsage('default', [usage(5), usage(2, { source: 'b' })]);
      await repository.addUsage('default', [usage(9), usage(4, { startedAt: at + 300_000 })]);
      await repository.addUsage('default', [usage(7)]);
      expect(await repository.listUsage('default', at)).toEqual([usage(9), usage(2, { source: 'b' })]);
      expect(await repository.listUsage('elsewhere', at)).toEqual([]);
    });

    it('keeps what is known of subjects, and finds many at once', async () => {
      const { repository } = opened;
      const keys = Array.from({ length: 90 }, (_, place) => known({ kind: 'key', subject: `key-${place}` }, place));
      await repository.saveSubjects('default', keys, []);
      await repository.saveSubjects('default', [{ ...known(key, 500), isOpen: true }], []);
      const found = await repository.findSubjects('default', [...keys, model]);
      expect(found).toHaveLength(90);
      expect(found.find(({ subject }) => subject === 'key-1')).toEqual({ ...known(key, 500), isOpen: true });
      expect(await repository.findSubjects('default', [])).toEqual([]);
    });

    it('watches every model, and whoever has an anomaly that goes on', async () => {
      const { repository } = opened;
      await repository.saveSubjects(
        'default',
        [known(model, 1), known(key, 1), known({ kind: 'key', subject: 'key-2' }, 1, true)],
        [],
      );
      expect(await repository.listWatched('default')).toEqual([{ kind: 'key', subject: 'key-2' }, model]);
    });

    it('lists anomalies newest first, in pages, and by what they are of', async () => {
      const { repository } = opened;
      await repository.saveSubjects(
        'default',
        [],
        [anomaly('an_1', { until: at + 5 }), anomaly('an_2'), anomaly('an_3', { ...model, label: 'chat' })],
      );
      const ids = async (page: Partial<Parameters<AnomalyRepository['list']>[1]>) =>
        (await repository.list('default', { limit: 10, ...page })).map(({ id }) => id);
      expect(await ids({})).toEqual(['an_3', 'an_2', 'an_1']);
      expect(await ids({ limit: 1, before: 'an_3' })).toEqual(['an_2']);
      expect(await ids({ isOpen: true })).toEqual(['an_3', 'an_2']);
      expect(await ids({ isOpen: false })).toEqual(['an_1']);
      expect(await ids({ kind: 'model', subject: 'chat' })).toEqual(['an_3']);
      expect(await repository.countOpen('default')).toBe(2);
    });

    it('writes how an anomaly goes on over how it began', async () => {
      const { repository } = opened;
      await repository.saveSubjects('default', [], [anomaly('an_1')]);
      const ended = anomaly('an_1', { value: 2_000, usual: 40, until: at + 600_000 });
      await repository.saveSubjects('default', [], [ended]);
      expect(await repository.list('default', { limit: 10 })).toEqual([ended]);
    });

    it('forgets with progress what it makes useless, and whoever is used least', async () => {
      const { repository } = opened;
      expect(await repository.readProgress('default')).toBeUndefined();
      await repository.addUsage('default', [usage(5), usage(5, { startedAt: at + 300_000 })]);
      await repository.saveSubjects(
        'default',
        [known(key, 1), known({ kind: 'key', subject: 'key-2' }, 3), known({ kind: 'key', subject: 'key-3' }, 2)],
        [anomaly('an_1', { until: at - 10 }), anomaly('an_2', { since: at - 100 }), anomaly('an_3')],
      );
      const progress = { judgedUntil: at + 300_000, knownSince: at, watchedAt: at + 400_000 };
      await repository.saveProgress('default', { ...progress, watchedAt: 0 }, none);
      await repository.saveProgress('default', progress, { mostOfAKind: 2, keptFrom: at, endedBefore: at - 50 });
      expect(await repository.readProgress('default')).toEqual(progress);
      expect(await repository.listUsage('default', at)).toEqual([]);
      expect(await repository.listUsage('default', at + 300_000)).toHaveLength(1);
      expect(await repository.list('default', { limit: 10 })).toEqual([
        anomaly('an_3'),
        anomaly('an_2', { since: at - 100, until: progress.watchedAt }),
      ]);
      const kept = await repository.findSubjects('default', [
        key,
        { kind: 'key', subject: 'key-2' },
        { kind: 'key', subject: 'key-3' },
      ]);
      expect(kept.map(({ subject }) => subject).sort()).toEqual(['key-2', 'key-3']);
    });
  });
}

const none = { mostOfAKind: 1_000, keptFrom: 0, endedBefore: 0 };
