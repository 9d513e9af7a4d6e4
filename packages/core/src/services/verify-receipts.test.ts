import { describe, expect, it } from 'vitest';
import { createFakeRolloutStore, fakeSigner } from '../../test/rollout-store.ts';
import { compileGates } from '../gates/compile-gates.ts';
import { evaluateGate } from '../gates/evaluate-gate.ts';
import { noFacts } from '../gates/facts.ts';
import { linkReceipts } from '../receipts/link-receipts.ts';
import { signHead } from '../receipts/sign-head.ts';
import { createReceiptService } from './verify-receipts.ts';

const hash = { sha256Hex: (text: string) => `${text.length}:${text.slice(-60)}` };
const [gate] = compileGates(
  { maxErrorRate: 0.01 },
  { falseRollbackBudget: 0.01, detect: 5, promotion: 'detect', sticky: 'none', steps: [0.5] },
);
if (gate === undefined) throw new Error('The goal has a gate.');
const bucket = { revision: 1, arm: 'candidate', event: 'error', requests: 50, events: 5, buckets: 20 } as const;
const reading = evaluateGate(gate, { ...noFacts, buckets: [bucket] });

async function setUp(written: object) {
  const store = createFakeRolloutStore();
  const draft = { kind: 'gate', model: 'tiny', version: '1.1.0', versionDigest: 'd' } as const;
  const receipts = linkReceipts('p', undefined, [{ ...draft, body: { gate, reading: written } }], 1, hash);
  const [only] = receipts;
  if (only === undefined) throw new Error('One receipt was drafted.');
  const head = await signHead(only, 1, fakeSigner);
  await store.rollouts.commit('p', { receipts, head });
  const verifier = { verify: async () => true };
  return {
    service: createReceiptService({ projectId: 'p', receipts: store.receipts, hash, signer: fakeSigner, verifier }),
    head,
  };
}

describe('createReceiptService', () => {
  it('finds nothing wrong with what was written', async () => {
    expect(reading.verdict).toBe('fail');
    const { service } = await setUp(reading);
    const report = await service.verify({ heads: [], recompute: true });
    expect(report).toMatchObject({ receipts: 1, heads: 1, recomputed: 1, keyId: 'fake-key', problems: [] });
  });

  it.each([
    [{ ...reading, verdict: 'pass' }, 'Receipt 1 says pass of maxErrorRate/absolute; its statistics give fail.'],
    [
      { ...reading, logE: 1 },
      `Receipt 1 says that log E of maxErrorRate/absolute is 1; its statistics give ${reading.logE}.`,
    ],
    [undefined, 'Receipt 1 holds no gate with its reading.'],
  ])('calculates verdicts again when it is asked to', async (written, message) => {
    const { service } = await setUp(written as object);
    expect((await service.verify({ heads: [], recompute: true })).problems).toEqual([
      { sequence: 1, kind: 'wrong-verdict', message },
    ]);
    expect((await service.verify({ heads: [], recompute: false })).problems).toEqual([]);
  });

  it('learns of a tail that was cut off from a head that was kept elsewhere', async () => {
    const { service, head } = await setUp(reading);
    const { problems } = await service.verify({ heads: [{ ...head, sequence: 2 }], recompute: false });
    expect(problems.map(({ kind }) => kind)).toEqual(['cut-off']);
  });
});
