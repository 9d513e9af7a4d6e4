import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createFakeRolloutStore, fakeSigner } from '../../test/rollout-store.ts';
import { evaluateGate } from '../gates/evaluate-gate.ts';
import type { Gate } from '../gates/gate.ts';
import { decideMove } from '../rollouts/decide-move.ts';
import type { RolloutRules } from './reconcile-rollout.ts';
import { createSelfTestService } from './self-test.ts';

function createTest(rules?: Partial<RolloutRules>) {
  const store = createFakeRolloutStore();
  let ids = 0;
  let turns = 0;
  const service = createSelfTestService({
    rollouts: store.rollouts,
    receipts: store.receipts,
    projectId: 'default',
    hash: { sha256Hex: (text) => createHash('sha256').update(text).digest('hex') },
    signer: fakeSigner,
    ids: { next: () => `id-${++ids}`, randomBytes: (bytes) => new Uint8Array(bytes) },
    clock: {
      now: () => 1_790_000_000_000,
      monotonicMs: () => 0,
      schedule: (_delayMs, run) => {
        turns += 1;
        const timer = setImmediate(run);
        return () => clearImmediate(timer);
      },
    },
    ...(rules === undefined ? {} : { rules }),
  });
  return { service, store, turns: () => turns };
}

/** The gates of one kind say the same whatever they see. */
const constantGates = (kind: Gate['kind'], verdict: 'pass' | 'fail'): Partial<RolloutRules> => ({
  evaluateGate: (gate, facts) => {
    const { reason: _, ...reading } = evaluateGate(gate, facts);
    return gate.kind === kind ? { ...reading, verdict } : evaluateGate(gate, facts);
  },
});
const constantCrashes = (crashes: number): Partial<RolloutRules> => ({
  decideMove: (view) => decideMove({ ...view, facts: { ...view.facts, crashes } }),
});
const wrongCases = async (rules: Partial<RolloutRules>) => {
  const { cases, passed } = await createTest(rules).service.run('sk-adm');
  expect(passed).toBe(false);
  return cases.filter((planted) => !planted.passed).map(({ name, outcome }) => `${name}: ${outcome}`);
};

describe('the self-test of rollouts', () => {
  it('shows each bad version stopped by the rule for it, and the healthy one promoted', async () => {
    const { service, turns } = createTest();
    const { cases, passed } = await service.run('sk-adm');
    expect(cases.map(({ name, outcome, gate }) => [name, outcome, gate])).toEqual([
      ['healthy', 'active', null],
      ['failing', 'rolled-back', 'maxErrorRate/absolute'],
      ['slow', 'rolled-back', 'maxLatencyMs/comparative'],
      ['costly', 'rolled-back', expect.stringMatching(/^maxCostUsd\//)],
      ['wrong labels', 'rolled-back', 'minAccuracy/paired'],
      ['crashing', 'rolled-back', 'crashes'],
    ]);
    expect(passed).toBe(true);
    const requests = cases.reduce((sum, planted) => sum + planted.requests, 0);
    expect(turns()).toBe(requests / 50);
  });

  it('leaves one receipt of it in the chain of the project, and no rollout and no traffic', async () => {
    const { service, store } = createTest();
    const report = await service.run('sk-adm');
    expect(store.written.receipts).toMatchObject([
      { kind: 'self-test', model: 'scarmonit-self-test', sequence: 1, body: { ...report, by: 'sk-adm' } },
    ]);
    expect(store.written.heads).toMatchObject([{ sequence: 1, hash: store.written.receipts[0]?.hash }]);
    expect(store.written.traffic).toEqual([]);
    expect(await store.rollouts.listRollouts('default', { limit: 1 })).toEqual([]);
  });

  it('refuses a second one at the same time', async () => {
    const { service } = createTest();
    const first = service.run('sk-adm');
    await expect(service.run('sk-adm')).rejects.toMatchObject({ kind: 'conflict', code: 'self_test_running' });
    await first;
  });

  it.each([
    ['absolute', 'failing'],
    ['comparative', 'slow'],
    ['paired', 'wrong labels'],
  ] as const)('fails when no %s gate ever fails, or every one does', async (kind, missed) => {
    expect(await wrongCases(constantGates(kind, 'pass'))).toContain(`${missed}: active`);
    expect(await wrongCases(constantGates(kind, 'fail'))).toContain('healthy: rolled-back');
  });

  it('fails when crashes never count, or always do', async () => {
    expect(await wrongCases(constantCrashes(0))).toEqual(['crashing: active']);
    expect(await wrongCases(constantCrashes(3))).toContain('healthy: rolled-back');
  });
});
