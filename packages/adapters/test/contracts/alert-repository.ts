import type { Alert, AlertSilence } from '@scarmonit/core/alerts/alert';
import type { AlertRepository } from '@scarmonit/core/ports/alert-repository';
import type { ChangeRepository } from '@scarmonit/core/ports/change-repository';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OpenedRepository } from './opened-repository.ts';

interface Repositories {
  readonly alerts: AlertRepository;
  readonly changes: ChangeRepository;
}

const at = 1_700_000_000_000;
const project = 'default';

const alertOf = (id: string, more: Partial<Alert> = {}): Alert => ({
  id,
  ruleId: `error-rate/${id}/page`,
  kind: 'error-rate',
  severity: 'page',
  state: 'firing',
  model: 'chat',
  title: 'chat: error rate',
  summary: '5 % of 1,000 requests failed in the last hour; 1 % are allowed.',
  advice: 'Look at them.',
  figures: [{ name: 'bad', value: 0.05, unit: 'share' }],
  since: at,
  firedAt: at,
  updatedAt: at,
  message: { type: 'alert.firing', createdAt: at, tries: 0, nextTryAt: at },
  deliveries: [{ channel: 'webhook', target: 'hooks.example.com', delivered: false, problem: 'answered 500' }],
  revision: 1,
  ...more,
});

/** Told, so that there is nothing left to deliver. */
const resolvedOf = (alert: Alert, resolvedAt: number): Alert => {
  const { message: _, ...rest } = alert;
  return { ...rest, state: 'resolved', resolvedAt, revision: alert.revision + 1 };
};

const silenceOf = (id: string, until: number): AlertSilence => ({
  id,
  model: 'chat',
  kind: 'latency',
  reason: 'the upstream is being moved',
  createdBy: 'sk-adm',
  createdAt: at,
  until,
});

/** What every alert repository must do. @param open makes an empty one that knows the project `default` */
export function testAlertRepository(name: string, open: () => Promise<OpenedRepository<Repositories>>): void {
  describe(`alert repository: ${name}`, () => {
    let opened: OpenedRepository<Repositories>;
    let alerts: AlertRepository;
    const markOf = async () => (await opened.repository.changes.readMarks(project)).alerts;
    const idsOf = (found: readonly { readonly id: string }[]) => found.map(({ id }) => id);

    beforeEach(async () => {
      opened = await open();
      alerts = opened.repository.alerts;
    });
    afterEach(() => opened.close());

    it('gives back active alerts as they were, oldest first, and none of another project', async () => {
      const pending = alertOf('02', { state: 'pending' });
      expect(await alerts.save(project, pending)).toBe(true);
      expect(await alerts.save(project, alertOf('01'))).toBe(true);
      expect(await alerts.listActive(project)).toEqual([alertOf('01'), pending]);
      expect(await alerts.listActive('other')).toEqual([]);
    });

    it('writes each revision once, whoever is first', async () => {
      await alerts.save(project, alertOf('01'));
      const second = { ...alertOf('01'), revision: 2, summary: 'changed' };
      const outcomes = await Promise.all([alerts.save(project, second), alerts.save(project, second)]);
      expect(outcomes.filter(Boolean)).toHaveLength(1);
      expect(await alerts.save(project, { ...second, revision: 4 })).toBe(false);
      expect(await alerts.listActive(project)).toEqual([second]);
    });

    it('has one alert of a rule at a time, and another when that is resolved', async () => {
      const first = alertOf('01', { ruleId: 'disk/page' });
      expect(await alerts.save(project, first)).toBe(true);
      expect(await alerts.save(project, alertOf('02', { ruleId: 'disk/page' }))).toBe(false);
      await alerts.save(project, resolvedOf(first, at + 1));
      expect(await alerts.save(project, alertOf('03', { ruleId: 'disk/page' }))).toBe(true);
      expect(idsOf(await alerts.listActive(project))).toEqual(['03']);
    });

    it('keeps a resolved alert active until its message is delivered', async () => {
      await alerts.save(project, alertOf('01'));
      const untold: Alert = {
        ...resolvedOf(alertOf('01'), at + 1),
        message: { type: 'alert.resolved', createdAt: at + 1, tries: 1, nextTryAt: at + 6 },
      };
      await alerts.save(project, untold);
      expect(await alerts.listActive(project)).toEqual([untold]);
      const { message: _, ...told } = { ...untold, revision: 3 };
      await alerts.save(project, told);
      expect(await alerts.listActive(project)).toEqual([]);
      expect(await alerts.listResolved(project, { since: at, limit: 10 })).toEqual([told]);
    });

    it('lists resolved alerts newest first, to the millisecond, and forgets old ones', async () => {
      for (const [index, id] of ['01', '02', '03'].entries()) {
        await alerts.save(project, alertOf(id));
        await alerts.save(project, resolvedOf(alertOf(id), at + index));
      }
      expect(idsOf(await alerts.listResolved(project, { since: at + 1, limit: 10 }))).toEqual(['03', '02']);
      expect(idsOf(await alerts.listResolved(project, { since: at, limit: 1 }))).toEqual(['03']);
      await alerts.expire(project, at + 2);
      expect(idsOf(await alerts.listResolved(project, { since: at, limit: 10 }))).toEqual(['03']);
    });

    it('forgets an alert only in the revision that was seen', async () => {
      await alerts.save(project, alertOf('01', { state: 'pending' }));
      await alerts.save(project, alertOf('01', { state: 'firing', revision: 2 }));
      expect(await alerts.forget(project, { id: '01', revision: 1 })).toBe(false);
      expect(await alerts.forget(project, { id: '01', revision: 2 })).toBe(true);
      expect(await alerts.listActive(project)).toEqual([]);
    });

    it('lists silences until they end, by themselves or before', async () => {
      await alerts.insertSilence(project, silenceOf('01', at + 20));
      await alerts.insertSilence(project, silenceOf('02', at + 10));
      expect(await alerts.listSilences(project, at)).toEqual([silenceOf('02', at + 10), silenceOf('01', at + 20)]);
      expect(idsOf(await alerts.listSilences(project, at + 10))).toEqual(['01']);
      expect(await alerts.endSilence(project, '01', at + 5)).toBe(true);
      expect(await alerts.endSilence(project, '01', at + 5)).toBe(false);
      expect(await alerts.endSilence(project, '03', at)).toBe(false);
      expect(idsOf(await alerts.listSilences(project, at + 5))).toEqual(['02']);
      await alerts.expire(project, at + 10);
      expect(idsOf(await alerts.listSilences(project, at - 1))).toEqual(['02']);
    });

    it('remembers when the rules were last looked at', async () => {
      expect(await alerts.lastEvaluated(project)).toBeUndefined();
      await alerts.markEvaluated(project, at);
      await alerts.markEvaluated(project, at + 10);
      expect(await alerts.lastEvaluated(project)).toBe(at + 10);
    });

    it('moves the mark with every change that people see, and not with a look at the rules', async () => {
      const marks = [await markOf()];
      const change = async (work: Promise<unknown>): Promise<void> => {
        await work;
        marks.push(await markOf());
      };
      await change(alerts.save(project, alertOf('01')));
      await change(alerts.save(project, alertOf('01', { revision: 2 })));
      await change(alerts.insertSilence(project, silenceOf('01', at + 10)));
      await change(alerts.endSilence(project, '01', at + 5));
      await alerts.forget(project, { id: '01', revision: 2 });
      await change(alerts.save(project, alertOf('02')));
      expect(new Set(marks).size).toBe(marks.length);
      await alerts.markEvaluated(project, at);
      expect(await markOf()).toBe(marks.at(-1));
    });
  });
}
