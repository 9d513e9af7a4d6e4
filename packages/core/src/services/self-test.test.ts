import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { createFakeRolloutStore, fakeSigner } from '../../test/rollout-store.ts';
import { createProbe } from '../deployments/probe-version.ts';
import { evaluateGate } from '../gates/evaluate-gate.ts';
import type { Arm, RolloutFacts } from '../gates/facts.ts';
import type { GateVerdict } from '../gates/gate.ts';
import type { Prediction } from '../ports/prediction-repository.ts';
import { decideMove } from '../rollouts/decide-move.ts';
import { compilePlan, defaultRolloutSettings } from '../rollouts/rollout-settings.ts';
import { type PlantedVersion, plantedVersions, sandboxGoals } from '../rollouts/self-test/planted-versions.ts';
import { createMemoryStores, type SandboxStores } from '../rollouts/self-test/sandbox-store.ts';
import type { RolloutRules } from './reconcile-rollout.ts';
import { createSelfTestService } from './self-test.ts';
import type { SelfTestProgress, SelfTestReport } from './self-test-report.ts';
import { rolloutPlanted, type SandboxPorts } from './self-test-sandbox.ts';

function createHost(rules?: Partial<RolloutRules>) {
  let ids = 0;
  let turns = 0;
  const host: SandboxPorts = {
    hash: { sha256Hex: (text) => createHash('sha256').update(text).digest('hex') },
    signer: fakeSigner,
    verifier: { verify: async () => true },
    ids: { next: () => `id-${++ids}`, randomBytes: (bytes) => new Uint8Array(bytes) },
    probe: createProbe(
      () => new AbortController().signal,
      (_version, error) => {
        throw error;
      },
    ),
    clock: {
      now: () => 1_790_000_000_000,
      monotonicMs: () => turns,
      schedule: (_delayMs, run) => {
        turns += 1;
        const timer = setImmediate(run);
        return () => clearImmediate(timer);
      },
    },
    ...(rules === undefined ? {} : { rules }),
  };
  return { host, turns: () => turns };
}

/** The self-test of a host, with what it leaves there and what it wrote to its own stores. */
function createTest(rules?: Partial<RolloutRules>) {
  const store = createFakeRolloutStore();
  const { host, turns } = createHost(rules);
  const written = watchStores();
  const service = createSelfTestService({
    ...host,
    rollouts: store.rollouts,
    receipts: store.receipts,
    projectId: 'default',
    openStores: async () => written.stores,
  });
  return { service, store, turns, written };
}

function watchStores() {
  const memory = createMemoryStores();
  const records: Prediction[] = [];
  let closed = 0;
  const stores: SandboxStores = {
    kind: 'watched',
    open: async (projectId) => {
      const store = await memory.open(projectId);
      return { ...store, predictions: { insertMany: async (rows) => void records.push(...rows) } };
    },
    close: async () => {
      closed += 1;
    },
  };
  return { stores, records, closed: () => closed };
}

/** Every gate that the goals of the sandbox compile to. */
const gateIds = compilePlan({ ...defaultRolloutSettings, promotion: 'prove' }, sandboxGoals, '').gates.map(
  ({ id }) => id,
);
const verdicts: readonly GateVerdict[] = ['pass', 'fail', 'inconclusive'];

/** One gate says the same whatever it sees. */
const constantGate = (id: string, verdict: GateVerdict): Partial<RolloutRules> => ({
  evaluateGate: (gate, facts) => {
    const reading = evaluateGate(gate, facts);
    return gate.id === id ? { ...reading, verdict } : reading;
  },
});
const brokenRules: Partial<RolloutRules> = {
  decideMove: () => {
    throw new Error('the rules are broken');
  },
};
function withoutCopies(facts: RolloutFacts): RolloutFacts {
  const isCopies = ({ arm, revision }: { readonly arm: Arm; readonly revision: number }): boolean =>
    arm === 'candidate' && facts.exposures.some((row) => row.revision === revision && row.weight === 0);
  return {
    ...facts,
    exposures: facts.exposures.filter((row) => !isCopies(row)),
    buckets: facts.buckets.filter((row) => !isCopies(row)),
  };
}
const constantCrashes = (crashes: number): Partial<RolloutRules> => ({
  decideMove: (view) => decideMove({ ...view, facts: { ...view.facts, crashes } }),
});

/** What the self-test finds first, beginning with the versions that a gate has to stop. */
async function firstWrong(rules: Partial<RolloutRules>, gate?: string): Promise<string | undefined> {
  const isFor = ({ expected }: PlantedVersion): number => Number(expected.stoppedBy === gate);
  const { host } = createHost(rules);
  for (const planted of plantedVersions.toSorted((a, b) => isFor(b) - isFor(a))) {
    const seed = 1 + plantedVersions.indexOf(planted);
    const { name, outcome, passed } = await finish(rolloutPlanted(planted, seed, host, createMemoryStores()));
    if (!passed) return `${name}: ${outcome}`;
  }
  return undefined;
}

/** Lets it run to its end. @param told takes what it says on the way */
async function finish<Word, Result>(work: AsyncGenerator<Word, Result, undefined>, told: Word[] = []): Promise<Result> {
  for (;;) {
    const next = await work.next();
    if (next.done === true) return next.value;
    told.push(next.value);
  }
}

describe('the self-test of rollouts', () => {
  const { service, store, turns, written } = createTest();
  let report: SelfTestReport;
  const progress: SelfTestProgress[] = [];
  beforeAll(async () => {
    report = await finish(service.run('sk-adm'), progress);
  });

  it('shows each bad version stopped by the rule for it, and the healthy one promoted', () => {
    expect(report.cases.map(({ name, outcome, gate }) => [name, outcome, gate])).toEqual([
      ['healthy', 'active', null],
      ['failing', 'rolled-back', 'maxErrorRate/absolute'],
      ['slow', 'rolled-back', 'maxLatencyMs/absolute'],
      ['costly', 'rolled-back', 'maxCostUsd/absolute'],
      ['failing more', 'rolled-back', 'maxErrorRate/comparative'],
      ['slower', 'rolled-back', 'maxLatencyMs/comparative'],
      ['costlier', 'rolled-back', 'maxCostUsd/comparative'],
      ['wrong labels', 'rolled-back', 'minAccuracy/paired'],
      ['failing copies', 'rolled-back', 'maxErrorRate/absolute'],
      ['crashing', 'rolled-back', 'crashes'],
      ['proven', 'active', null],
      ['unproven errors', 'held', null],
      ['unproven latency', 'held', null],
      ['unproven cost', 'held', null],
      ['unproven labels', 'active', null],
    ]);
    expect(report.passed).toBe(true);
  });

  it('says what stopped a version, after how much time and how many requests, and on what it ran', () => {
    const wrong = report.cases.find(({ name }) => name === 'wrong labels');
    expect(wrong?.reason).toContain('2.0.0 is wrong more often than 1.0.0');
    const failing = report.cases.find(({ name }) => name === 'failing copies');
    expect(failing?.expected).toBe('rolled-back by maxErrorRate/absolute in the shadow');
    expect(failing?.reason).toMatch(
      /^2\.0\.0 fails too often: \d+ of \d+ copies of requests that 1\.0\.0 had answered/,
    );
    const requests = report.cases.reduce((sum, planted) => sum + planted.requests, 0);
    expect(turns()).toBe(requests / 100);
    expect(report).toMatchObject({ store: 'watched', seed: 1, tookMs: turns() });
    expect(report.cases.map(({ elapsedMs }) => elapsedMs)).toEqual(report.cases.map((ended) => ended.requests * 60));
  });

  it('says how far it is, at the begin of each case and every thousand requests', () => {
    const expected = report.cases.flatMap(({ name, requests }, index) =>
      Array.from({ length: Math.ceil(requests / 1_000) }, (_, word) => ({
        name,
        number: index + 1,
        of: report.cases.length,
        requests: word * 1_000,
      })),
    );
    expect(progress).toEqual(expected);
  });

  it('ends when nobody wants to know any more: the sandbox is gone, no receipt is left, and another may run', async () => {
    const left = createTest();
    for await (const { requests } of left.service.run('sk-adm')) if (requests === 1_000) break;
    expect(left.written.closed()).toBe(1);
    expect(left.store.written.receipts).toEqual([]);
    const next = left.service.run('sk-adm');
    expect(await next.next()).toMatchObject({ value: { number: 1, requests: 0 } });
    await next.return(report);
  });

  it('serves its requests as any other: each leaves one record, with what it cost and how it ended', () => {
    const { records } = written;
    expect(records).toHaveLength(report.cases.reduce((sum, { requests }) => sum + requests, 0));
    expect(new Set(records.map(({ outcome }) => outcome))).toEqual(new Set(['ok', 'error']));
    const costs = records.map(({ costUsd }) => Number(costUsd.toFixed(6)));
    expect(new Set(costs)).toEqual(new Set([0.001, 0.002, 0]));
  });

  it('leaves one receipt of it in the chain of the project, and no rollout and no traffic', async () => {
    expect(store.written.receipts).toMatchObject([
      { kind: 'self-test', model: 'scarmonit-self-test', sequence: 1, body: { ...report, by: 'sk-adm' } },
    ]);
    expect(store.written.heads).toMatchObject([{ sequence: 1, hash: store.written.receipts[0]?.hash }]);
    expect(store.written.traffic).toEqual([]);
    expect(await store.rollouts.listRollouts('default', { limit: 1 })).toEqual([]);
    expect(written.closed()).toBe(1);
  });

  it('forgets its sandbox and leaves no receipt when a part of the host fails', async () => {
    const broken = createTest(brokenRules);
    await expect(finish(broken.service.run('sk-adm'))).rejects.toThrow('the rules are broken');
    expect(broken.written.closed()).toBe(1);
    expect(broken.store.written.receipts).toEqual([]);
    await expect(finish(broken.service.run('sk-adm'))).rejects.toThrow('the rules are broken');
  });

  it('refuses a second one at the same time', async () => {
    const broken = createTest(brokenRules);
    const first = finish(broken.service.run('sk-adm'));
    await expect(finish(broken.service.run('sk-adm'))).rejects.toMatchObject({
      kind: 'conflict',
      code: 'self_test_running',
    });
    await expect(first).rejects.toThrow('the rules are broken');
  });

  it('fails when a receipt does not hold what the gate read', async () => {
    const rules: Partial<RolloutRules> = {
      evaluateGate: (gate, facts) => ({ ...evaluateGate(gate, facts), logE: 100 }),
    };
    expect(await firstWrong(rules)).toBe('healthy: active');
  });

  it('has a plan with every kind of gate', () => {
    expect(gateIds).toEqual([
      'maxErrorRate/absolute',
      'maxErrorRate/comparative',
      'maxErrorRate/non-inferiority',
      'maxLatencyMs/absolute',
      'maxLatencyMs/comparative',
      'maxLatencyMs/non-inferiority',
      'maxCostUsd/absolute',
      'maxCostUsd/comparative',
      'maxCostUsd/non-inferiority',
      'minAccuracy/paired',
      'minAccuracy/non-inferiority',
    ]);
  });

  it.each(gateIds.flatMap((id) => verdicts.map((verdict) => [id, verdict] as const)))(
    'fails when %s is always: %s',
    async (id, verdict) => {
      expect(await firstWrong(constantGate(id, verdict), id)).toBeDefined();
    },
  );

  it('fails when copies never count', async () => {
    const rules: Partial<RolloutRules> = { evaluateGate: (gate, facts) => evaluateGate(gate, withoutCopies(facts)) };
    expect(await firstWrong(rules, 'maxErrorRate/absolute')).toBe('failing copies: rolled-back');
  });

  it('fails when crashes never count, or always do', async () => {
    expect(await firstWrong(constantCrashes(0))).toBe('crashing: active');
    expect(await firstWrong(constantCrashes(3))).toBe('healthy: rolled-back');
  });
});

describe('the time of a sandbox', () => {
  it('passes between no request and its record', async () => {
    const [healthy] = plantedVersions;
    if (healthy === undefined) throw new Error('There is a healthy version.');
    const { stores, records } = watchStores();
    const instant = { ...healthy.behaviour, meanLatencyMs: 0 };
    const planted = { ...healthy, stable: instant, behaviour: instant };
    await finish(rolloutPlanted(planted, 1, createHost().host, stores));
    expect(records.length).toBeGreaterThan(5_000);
    expect(new Set(records.map(({ latencyMs }) => latencyMs))).toEqual(new Set([0]));
  });
});
