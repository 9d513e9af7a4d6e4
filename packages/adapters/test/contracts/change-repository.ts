import { unknownDrift, watchDay } from '@scarmonit/core/drift/drift-watch';
import type { Anomaly, AnomalyRepository } from '@scarmonit/core/ports/anomaly-repository';
import type { ChangeRepository, Topic } from '@scarmonit/core/ports/change-repository';
import type { DriftRepository, KnownDrift } from '@scarmonit/core/ports/drift-repository';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OpenedRepository } from './opened-repository.ts';

const day = 1_699_920_000_000;
const project = 'default';

interface Repositories {
  readonly changes: ChangeRepository;
  readonly anomalies: AnomalyRepository;
  readonly drift: DriftRepository;
}

const anomaly = (id: string, rest: Partial<Anomaly> = {}): Anomaly => ({
  kind: 'key',
  subject: 'key-1',
  id,
  label: 'sk-ab12',
  measure: 'requests',
  direction: 'above',
  value: 1_230,
  usual: 30,
  isPeak: false,
  since: day,
  ...rest,
});

const known = (good: number): KnownDrift => ({
  model: 'mood',
  version: '1.0.0',
  feature: 'label',
  state: watchDay(unknownDrift, day, { good }),
  lastDay: day,
});

/** That marks move with anomalies and drift, and with nothing else. @param open makes empty ones that know `default` */
export function testChangeRepository(name: string, open: () => Promise<OpenedRepository<Repositories>>): void {
  describe(`change repository: ${name}`, () => {
    let opened: OpenedRepository<Repositories>;
    beforeEach(async () => {
      opened = await open();
    });
    afterEach(() => opened.close());

    /** @returns the topics that have changed by it */
    const changedBy = async (write: () => Promise<unknown>): Promise<readonly string[]> => {
      const { changes } = opened.repository;
      const before = await changes.readMarks(project);
      await write();
      const after = await changes.readMarks(project);
      return (Object.keys(after) as Topic[]).filter((topic) => after[topic] !== before[topic]);
    };

    it('marks an anomaly that begins, goes further and ends', async () => {
      const { anomalies } = opened.repository;
      const save = (...saved: readonly Anomaly[]) => changedBy(() => anomalies.saveSubjects(project, [], saved));
      expect(await save(anomaly('an_2'))).toEqual(['anomalies']);
      expect(await save(anomaly('an_1'))).toEqual(['anomalies']);
      expect(await save(anomaly('an_1', { value: 2_000 }))).toEqual(['anomalies']);
      expect(await save(anomaly('an_1', { value: 2_000, until: day + 9 }))).toEqual(['anomalies']);
      expect(await save(anomaly('an_2', { until: day + 9 }))).toEqual(['anomalies']);
      expect(await save()).toEqual([]);
    });

    it('marks what is learned of a distribution, and that it is forgotten', async () => {
      const { drift } = opened.repository;
      const save = (one: KnownDrift) => changedBy(() => drift.save(project, [one], 0, 10));
      expect(await save(known(300))).toEqual(['drift']);
      expect(await save(known(300))).toEqual([]);
      expect(await save({ ...known(300), lastDay: day + 1 })).toEqual(['drift']);
      expect(await save({ ...known(3_000), lastDay: day + 1 })).toEqual(['drift']);
      expect(await changedBy(() => drift.forget(project, 'mood'))).toEqual(['drift']);
    });

    it('says nothing of what is elsewhere', async () => {
      const { changes } = opened.repository;
      const elsewhere = await changes.readMarks('elsewhere');
      await opened.repository.anomalies.saveSubjects(project, [], [anomaly('an_1')]);
      await opened.repository.drift.save(project, [known(300)], 0, 10);
      expect(await changes.readMarks('elsewhere')).toEqual(elsewhere);
    });
  });
}
