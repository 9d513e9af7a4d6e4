import type { ReceiptRepository, RolloutRepository } from '@scarmonit/core/ports/rollout-repository';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OpenedRepository } from './opened-repository.ts';
import {
  at,
  begin,
  describeHead,
  describeReceipt,
  describeRollout,
  describeState,
  describeTraffic,
} from './rollout-records.ts';

export interface RolloutRepositories {
  readonly rollouts: RolloutRepository;
  readonly receipts: ReceiptRepository;
}

/** What every rollout repository must do. @param open makes an empty one that knows the project `default` */
export function testRolloutRepository(name: string, open: () => Promise<OpenedRepository<RolloutRepositories>>): void {
  describe(`rollout repository: ${name}`, () => {
    let opened: OpenedRepository<RolloutRepositories>;
    beforeEach(async () => {
      opened = await open();
    });
    afterEach(() => opened.close());
    const commit: RolloutRepository['commit'] = (...parameters) => opened.repository.rollouts.commit(...parameters);

    it('gives a rollout back as it was, with its newest state', async () => {
      const { rollouts } = opened.repository;
      const frozen = describeState('r1', 2, {
        phase: 'frozen',
        resumesIn: 'canary',
        frozenBy: { cause: 'shared-incident', gates: ['maxErrorRate/absolute'] },
        deadlineAt: at + 5,
        paused: true,
        provisional: true,
        evidenceFrom: 7,
        renewedFrom: 5,
      });
      expect(await commit('default', begin('r1'))).toBe(true);
      expect(await commit('default', { state: frozen, receipts: [] })).toBe(true);
      expect(await rollouts.findRollout('default', 'r1')).toEqual({ rollout: describeRollout('r1'), state: frozen });
      expect(await rollouts.listStates('default', 'r1')).toEqual([describeState('r1', 1), frozen]);
      expect(await rollouts.findRollout('other', 'r1')).toBeUndefined();
      expect(await rollouts.listStates('other', 'r1')).toEqual([]);
    });

    it('lets one of two that commit the same revision at once write, and nothing of the other', async () => {
      const { rollouts, receipts } = opened.repository;
      await commit('default', begin('r1', { traffic: describeTraffic(1) }));
      const next = (decidedBy: string) => ({
        state: describeState('r1', 2, { decidedBy }),
        traffic: describeTraffic(2, { decidedBy }),
        receipts: [describeReceipt(1, { model: decidedBy }), describeReceipt(2, { model: decidedBy })],
        head: describeHead(2),
      });
      const outcomes = await Promise.all(['a', 'b', 'c'].map((who) => commit('default', next(who))));
      expect(outcomes.filter(Boolean)).toHaveLength(1);
      const winner = ['a', 'b', 'c'][outcomes.indexOf(true)];
      const states = await rollouts.listStates('default', 'r1');
      expect(states.map(({ decidedBy }) => decidedBy)).toEqual(['controller', winner]);
      expect((await rollouts.currentTraffic('default')).map(({ decidedBy }) => decidedBy)).toEqual([winner]);
      const chain = await receipts.list('default', { after: 0, limit: 10 });
      expect(chain.map(({ model, sequence }) => [model, sequence])).toEqual([
        [winner, 1],
        [winner, 2],
      ]);
    });

    it.each([
      ['the state', { state: describeState('r1', 1), traffic: describeTraffic(2), receipts: [describeReceipt(2)] }],
      ['the traffic', { state: describeState('r1', 2), traffic: describeTraffic(1), receipts: [describeReceipt(2)] }],
      ['a receipt', { state: describeState('r1', 2), traffic: describeTraffic(2), receipts: [describeReceipt(1)] }],
    ])('writes nothing when %s was written by somebody else', async (_, late) => {
      const { rollouts, receipts } = opened.repository;
      await commit('default', begin('r1', { traffic: describeTraffic(1), receipts: [describeReceipt(1)] }));
      const wanted = { model: 'chat', stable: '9.9.9', updatedAt: at };
      expect(await commit('default', { ...late, wanted })).toBe(false);
      expect(await rollouts.listStates('default', 'r1')).toHaveLength(1);
      expect(await rollouts.listTraffic('default', 'chat', { limit: 10 })).toHaveLength(1);
      expect((await receipts.last('default'))?.sequence).toBe(1);
      expect(await rollouts.wantedStables('default')).toEqual(new Map());
    });

    it('throws what is no conflict', async () => {
      await expect(commit('none', { traffic: describeTraffic(1), receipts: [] })).rejects.toThrow(Error);
    });

    it('lists as open what has not ended or is provisional', async () => {
      const phases = ['draft', 'held', 'frozen', 'bake', 'active', 'rolled-back', 'aborted'] as const;
      for (const phase of phases)
        await commit(
          'default',
          begin(phase, { rollout: describeRollout(phase), state: describeState(phase, 1, { phase }) }),
        );
      await commit(
        'default',
        begin('late', {
          rollout: describeRollout('late'),
          state: describeState('late', 1, { phase: 'active', provisional: true }),
        }),
      );
      const open = await opened.repository.rollouts.listOpen('default');
      expect(open.map(({ rollout }) => rollout.id)).toEqual(['bake', 'draft', 'frozen', 'held', 'late']);
      await commit('default', { state: describeState('late', 2, { phase: 'active' }), receipts: [] });
      expect(await opened.repository.rollouts.listOpen('default')).toHaveLength(4);
      expect(await opened.repository.rollouts.listOpen('other')).toEqual([]);
    });

    it('pages through rollouts from the newest, of all models or of one', async () => {
      const { rollouts } = opened.repository;
      for (const id of ['r1', 'r2', 'r3']) await commit('default', begin(id));
      await commit(
        'default',
        begin('r4', { rollout: describeRollout('r4', { model: 'other' }), state: describeState('r4', 1) }),
      );
      const ids = async (page: Parameters<RolloutRepository['listRollouts']>[1]) =>
        (await rollouts.listRollouts('default', page)).map(({ rollout }) => rollout.id);
      expect(await ids({ limit: 2 })).toEqual(['r4', 'r3']);
      expect(await ids({ limit: 2, before: 'r3' })).toEqual(['r2', 'r1']);
      expect(await ids({ limit: 9, model: 'chat' })).toEqual(['r3', 'r2', 'r1']);
    });

    it('tells what served at a time, and what came before it', async () => {
      const { rollouts } = opened.repository;
      const split = describeTraffic(2, {
        candidate: '1.1.0',
        weight: 0.05,
        shadow: 0.1,
        sticky: 'header:x-tenant',
        salt: 's',
        rolloutId: 'r1',
      });
      for (const traffic of [describeTraffic(1), split, describeTraffic(3), describeTraffic(1, { model: 'other' })]) {
        expect(await commit('default', { traffic, receipts: [] })).toBe(true);
      }
      const revisions = async (page: Parameters<RolloutRepository['listTraffic']>[2]) =>
        (await rollouts.listTraffic('default', 'chat', page)).map(({ revision }) => revision);
      expect(await rollouts.listTraffic('default', 'chat', { at: at + 2_999, limit: 1 })).toEqual([split]);
      expect(await revisions({ at: at + 2_000, limit: 9 })).toEqual([2, 1]);
      expect(await revisions({ at: at + 1_999, limit: 9 })).toEqual([1]);
      expect(await revisions({ at: at + 999, limit: 9 })).toEqual([]);
      expect(await revisions({ limit: 9, before: 3 })).toEqual([2, 1]);
      expect(await rollouts.currentTraffic('default')).toEqual([
        describeTraffic(3),
        describeTraffic(1, { model: 'other' }),
      ]);
    });

    it('remembers the last wish of a manifest for each model', async () => {
      for (const stable of ['1.0.0', '1.1.0']) {
        await commit('default', { wanted: { model: 'chat', stable, updatedAt: at }, receipts: [] });
      }
      await commit('default', { wanted: { model: 'other', stable: '2.0.0', updatedAt: at }, receipts: [] });
      const wanted = await opened.repository.rollouts.wantedStables('default');
      expect([...wanted].sort()).toEqual([
        ['chat', '1.1.0'],
        ['other', '2.0.0'],
      ]);
    });
  });
}
