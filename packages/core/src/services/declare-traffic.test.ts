import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../../test/fake-clock.ts';
import { createFakeRolloutStore, fakeSigner } from '../../test/rollout-store.ts';
import type { Receipt } from '../receipts/receipt.ts';
import type { Traffic } from '../routing/traffic.ts';
import { writeDeclared } from './declare-traffic.ts';

const describeTraffic = (model: string, revision: number): Traffic => ({
  model,
  revision,
  stable: '1.0.0',
  weight: 0,
  shadow: 0,
  sticky: 'none',
  salt: '',
  decidedBy: 'manifest',
  reason: 'declared',
  createdAt: 0,
});

/** A store in which somebody else declares another model between the reading of the chain and the writing. */
function openContended(model: string, times: number) {
  const store = createFakeRolloutStore();
  const hash = { sha256Hex: (text: string) => text.slice(0, 64) };
  const ports = { ...store, projectId: 'default', clock: createFakeClock(), hash, signer: fakeSigner };
  const declare = (name: string, revision: number, receipts = store.receipts) =>
    writeDeclared({ kind: 'switch', traffic: describeTraffic(name, revision) }, '1.0.0', 'digest', {
      ...ports,
      receipts,
    });
  let left = times;
  const last = async (project: string): Promise<Receipt | undefined> => {
    const seen = await store.receipts.last(project);
    left -= 1;
    if (left >= 0) await declare(model, times - left);
    return seen;
  };
  return { store, declare: (name: string) => declare(name, 1, { ...store.receipts, last }) };
}

describe('writeDeclared', () => {
  it('tries again when only the chain of receipts has moved', async () => {
    const { store, declare } = openContended('other', 3);
    expect(await declare('chat')).toBe(true);
    expect(store.written.receipts.map(({ model, sequence }) => `${sequence} ${model}`)).toEqual([
      '1 other',
      '2 other',
      '3 other',
      '4 chat',
    ]);
  });

  it('gives way to whoever changed the same model', async () => {
    const { store, declare } = openContended('chat', 1);
    expect(await declare('chat')).toBe(false);
    expect(store.written.traffic).toHaveLength(1);
  });

  it('gives up at last, having written nothing', async () => {
    const { store, declare } = openContended('other', 100);
    expect(await declare('chat')).toBe(false);
    expect(store.written.receipts.filter(({ model }) => model === 'chat')).toEqual([]);
  });
});
