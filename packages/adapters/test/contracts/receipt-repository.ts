import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OpenedRepository } from './opened-repository.ts';
import { describeHead, describeReceipt } from './rollout-records.ts';
import type { RolloutRepositories } from './rollout-repository.ts';

/** What every receipt repository must do. @param open makes an empty one that knows the project `default` */
export function testReceiptRepository(name: string, open: () => Promise<OpenedRepository<RolloutRepositories>>): void {
  describe(`receipt repository: ${name}`, () => {
    let opened: OpenedRepository<RolloutRepositories>;
    beforeEach(async () => {
      opened = await open();
    });
    afterEach(() => opened.close());
    const chain = [
      describeReceipt(1, { kind: 'gate', rolloutId: 'r1' }),
      describeReceipt(2, { version: '1.2.0' }),
      describeReceipt(3, { kind: 'validation', versionDigest: 'e'.repeat(64) }),
      describeReceipt(4, { model: 'other' }),
    ];

    it('is empty at first', async () => {
      const { receipts } = opened.repository;
      expect(await receipts.last('default')).toBeUndefined();
      expect(await receipts.list('default', { after: 0, limit: 9 })).toEqual([]);
      expect(await receipts.listHeads('default')).toEqual([]);
    });

    it('gives receipts back as they were, in the order of the chain', async () => {
      const { rollouts, receipts } = opened.repository;
      await rollouts.commit('default', { receipts: chain.slice(0, 2), head: describeHead(2) });
      await rollouts.commit('default', { receipts: chain.slice(2), head: describeHead(4) });
      expect(await receipts.list('default', { after: 0, limit: 9 })).toEqual(chain);
      expect(await receipts.list('default', { after: 1, limit: 2 })).toEqual(chain.slice(1, 3));
      expect(await receipts.last('default')).toEqual(chain[3]);
      expect(await receipts.listHeads('default')).toEqual([describeHead(2), describeHead(4)]);
      expect(await receipts.list('other', { after: 0, limit: 9 })).toEqual([]);
    });

    it('finds the newest that fit', async () => {
      const { rollouts, receipts } = opened.repository;
      await rollouts.commit('default', { receipts: chain });
      const found = async (filter: Omit<Parameters<typeof receipts.find>[1], 'limit'>, limit = 9) =>
        (await receipts.find('default', { ...filter, limit })).map(({ sequence }) => sequence);
      expect(await found({})).toEqual([4, 3, 2, 1]);
      expect(await found({}, 2)).toEqual([4, 3]);
      expect(await found({ before: 3 })).toEqual([2, 1]);
      expect(await found({ model: 'chat' })).toEqual([3, 2, 1]);
      expect(await found({ version: '1.2.0' })).toEqual([2]);
      expect(await found({ versionDigest: 'e'.repeat(64) })).toEqual([3]);
      expect(await found({ rolloutId: 'r1' })).toEqual([1]);
      expect(await found({ kind: 'rollout', model: 'chat' })).toEqual([2]);
    });
  });
}
