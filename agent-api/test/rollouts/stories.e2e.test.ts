import type { RolloutDetailView } from '@scarmonit/protocol/admin/rollout';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { killHostProcesses } from '../start-host-process.ts';
import { type FaultyUpstream, startFaultyUpstream } from './faulty-upstream.ts';
import { keepAsking, type Traffic } from './keep-asking.ts';
import { replayDecision } from './replay-decision.ts';
import { patience, phasesOf, RolloutHost, type TestModel, upstreamManifest } from './rollout-host.ts';

const steps = { strategy: 'canary', steps: [20, 50], minBakeMinutes: 0.01 };
const errors = { maxErrorRate: 0.02 };

/** A model for each story: none has the past of another. */
const models: readonly TestModel[] = [
  { name: 'healthy', goals: { maxErrorRate: 0.05, maxLatencyMs: 5_000 }, rollout: steps },
  { name: 'failing', goals: errors, rollout: steps },
  { name: 'failing-suddenly', goals: errors, rollout: { ...steps, minBakeMinutes: 10 } },
  { name: 'slow', goals: { maxLatencyMs: 1_200 }, rollout: steps },
  { name: 'wrong', goals: { minAccuracy: 0.9 }, rollout: { ...steps, shadow: { percent: 100, pairs: 5_000 } } },
  { name: 'outage', goals: { maxErrorRate: 0.05 }, rollout: { ...steps, steps: [50], minBakeMinutes: 0.05 } },
  { name: 'quiet', goals: errors, rollout: { ...steps, deadlineHours: 0.001 } },
  { name: 'switched', goals: errors, rollout: { strategy: 'blue-green', retentionMinutes: 0.05 } },
  { name: 'contended', goals: errors, rollout: { ...steps, minBakeMinutes: 10 } },
  { name: 'changed', goals: errors, rollout: { ...steps, minBakeMinutes: 10 } },
];

vi.setConfig({ testTimeout: 240_000 });

const host = new RolloutHost();
let upstream: FaultyUpstream;
let traffic: Traffic | undefined;

beforeAll(async () => {
  upstream = await startFaultyUpstream();
  await host.start(upstreamManifest(upstream.baseUrl, models));
});
afterEach(async () => {
  await traffic?.stop();
  traffic = undefined;
});
afterAll(async () => {
  await host.close();
  await killHostProcesses();
  await upstream.close();
});

/** Which versions have answered the newest requests, of 16 clients two each. */
function lastVersions(): ReadonlySet<string | undefined> {
  return new Set(traffic?.endings.slice(-32).map(({ version }) => version));
}

/** Every failed request was the candidate's. */
async function expectOnlyCandidateFailed(model: string): Promise<void> {
  await traffic?.stop();
  const failed = traffic?.endings.filter(({ how }) => how !== 'whole').length;
  await expect.poll(() => host.failures(model), patience).toEqual({ '1.1.0': failed });
}

/** What it looks like after a rollback: the old version has all, and says why. */
async function expectRolledBack(id: string, because: string): Promise<RolloutDetailView> {
  const detail = await host.until(id, 'rolled-back');
  expect(detail.state).toMatchObject({ decidedBy: 'gate', reason: expect.stringContaining(because) });
  expect(detail.traffic).toMatchObject({ stable: '1.0.0', candidate: null, weight: 0 });
  return detail;
}

describe('a canary', () => {
  it('that is healthy goes through all steps and becomes stable', async () => {
    traffic = keepAsking(host, 'healthy', 16);
    const id = await host.startRollout('healthy');
    const detail = await host.until(id, 'active');
    expect(phasesOf(detail)).toEqual(['draft', 'validated', 'canary', 'bake', 'active']);
    const weights = (await host.history('healthy')).map(({ stable, weight }) => `${stable} ${weight}`);
    expect(weights).toEqual(['1.0.0 0', '1.0.0 0', '1.0.0 0.2', '1.0.0 0.5', '1.0.0 1', '1.1.0 0']);
    await expect.poll(lastVersions, patience).toEqual(new Set(['1.1.0']));
    await traffic.stop();
    expect(traffic.endings.filter(({ how }) => how !== 'whole')).toEqual([]);
  });

  it('with 5 % errors is rolled back', async () => {
    upstream.behave('failing-1.1.0', { failsOneIn: 20 });
    traffic = keepAsking(host, 'failing', 16);
    const id = await host.startRollout('failing');
    await expectRolledBack(id, '1.1.0 fails ');
    await expectOnlyCandidateFailed('failing');
  });

  it('whose upstream suddenly fails has weight 0 within two seconds of the request that decides', async () => {
    traffic = keepAsking(host, 'failing-suddenly', 16);
    const id = await host.startRollout('failing-suddenly');
    await host.until(id, 'canary');
    await expect.poll(async () => (await host.detail(id)).counts.candidate.requests, patience).toBeGreaterThan(400);
    upstream.behave('failing-suddenly-1.1.0', { failsOneIn: 1 });
    const { traffic: after } = await expectRolledBack(id, '1.1.0 fails ');
    await expectOnlyCandidateFailed('failing-suddenly');
    // Records are written once a second.
    const decidedAt = await vi.waitFor(() => replayDecision(host, id), patience);
    // Two seconds on a machine of its own; this one is shared with the clients and the upstream.
    expect(after.createdAt - decidedAt).toBeLessThan(6_000);
    expect(after.createdAt).toBeGreaterThanOrEqual(decidedAt - 5);
  });

  it('with its latency doubled is rolled back', async () => {
    upstream.behave('slow-1.0.0', { delayMs: 700 });
    upstream.behave('slow-1.1.0', { delayMs: 1_400 });
    traffic = keepAsking(host, 'slow', 64);
    const id = await host.startRollout('slow');
    await expectRolledBack(id, '1.1.0 fails or takes longer than ');
    expect(traffic.endings.filter(({ how }) => how !== 'whole')).toEqual([]);
  });

  it('that answers wrongly is rolled back out of the shadow, before any client has seen it', async () => {
    upstream.behave('wrong-1.1.0', { says: 'Lyon' });
    traffic = keepAsking(host, 'wrong', 4, async ({ requestId }) => {
      await host.ask('feedback', { requestId, label: 'paris' });
    });
    const id = await host.startRollout('wrong');
    const detail = await expectRolledBack(id, '1.1.0 is wrong more often than 1.0.0');
    expect(phasesOf(detail)).toEqual(['draft', 'validated', 'shadow', 'rolled-back']);
    await traffic.stop();
    expect(new Set(traffic.endings.map(({ version, how }) => `${version} ${how}`))).toEqual(new Set(['1.0.0 whole']));
  });

  it('is frozen by an outage of both versions, and goes on after it', async () => {
    traffic = keepAsking(host, 'outage', 16);
    const id = await host.startRollout('outage');
    await host.until(id, 'canary');
    for (const version of ['1.0.0', '1.1.0']) upstream.behave(`outage-${version}`, { failsOneIn: 2 });
    const frozen = await host.until(id, 'frozen');
    expect(frozen.traffic).toMatchObject({ stable: '1.0.0', candidate: '1.1.0' });
    for (const version of ['1.0.0', '1.1.0']) upstream.behave(`outage-${version}`, {});
    const detail = await host.until(id, 'active');
    const [first, second, ...rest] = phasesOf(detail);
    expect([first, second]).toEqual(['draft', 'validated']);
    expect(rest.slice(-3)).toEqual(expect.arrayContaining(['bake', 'active']));
    expect(detail.traffic.stable).toBe('1.1.0');
  });

  it('without traffic is held at its deadline, and waits for a person', async () => {
    const id = await host.startRollout('quiet');
    const detail = await host.until(id, 'held');
    expect(detail.traffic).toMatchObject({ stable: '1.0.0', candidate: '1.1.0', weight: 0.2 });
    expect(detail.state.reason).toContain('errors against the goal of 2 % (0 of ');
    const aborted = await host.command(id, 'abort');
    expect(aborted.body.state.phase).toBe('aborted');
    expect(aborted.body.traffic).toMatchObject({ stable: '1.0.0', candidate: null, weight: 0 });
  });

  it('begins its evidence anew when the upstream answers as another', async () => {
    upstream.behave('changed-1.1.0', { fingerprint: 'fp_1' });
    traffic = keepAsking(host, 'changed', 8);
    const id = await host.startRollout('changed');
    const before = await host.until(id, 'canary');
    await expect.poll(async () => readExposure(await host.detail(id)), patience).toBeGreaterThan(100);
    await traffic.stop();
    upstream.behave('changed-1.1.0', { fingerprint: 'fp_2' });
    // A pinned request is enough to notice it, and is counted by no gate.
    const seen = await fetch(`${host.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { ...pinned, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'changed', messages: [{ role: 'user', content: 'Hello' }] }),
    });
    expect(seen.status).toBe(200);
    await expect.poll(async () => (await host.detail(id)).state.decidedBy, patience).toBe('upstream');
    const detail = await host.detail(id);
    expect(detail.state).toMatchObject({ phase: 'canary', step: before.state.step });
    expect(detail.state.reason).toContain('changed-1.1.0 fp_1 before, changed-1.1.0 fp_2 now');
    expect(readExposure(detail)).toBe(0);
    expect(detail.traffic).toMatchObject({ weight: before.traffic.weight, candidate: '1.1.0' });
    await host.command(id, 'abort');
  });
});

const pinned = { authorization: 'Bearer sk-scarmonit-only-for-tests-00000000000000000000', 'x-model-version': '1.1.0' };

const readExposure = ({ gates }: RolloutDetailView): number => Math.max(...gates.map(({ exposure }) => exposure));

describe('blue-green', () => {
  it('switches, switches back, and switches for good, under load and without one failed request', async () => {
    traffic = keepAsking(host, 'switched', 16);
    const first = await host.startRollout('switched', { retentionMinutes: 10 });
    await host.until(first, 'bake');
    await expect.poll(lastVersions, patience).toEqual(new Set(['1.1.0']));
    expect((await host.command(first, 'rollback')).status).toBe(200);
    await expect.poll(lastVersions, patience).toEqual(new Set(['1.0.0']));
    const second = await host.startRollout('switched');
    await host.until(second, 'active');
    await expect.poll(lastVersions, patience).toEqual(new Set(['1.1.0']));
    expect((await host.command(second, 'rollback')).body.state.phase).toBe('rolled-back');
    await expect.poll(lastVersions, patience).toEqual(new Set(['1.0.0']));
    await traffic.stop();
    expect(traffic.endings.filter(({ how }) => how !== 'whole')).toEqual([]);
    expect(traffic.endings.length).toBeGreaterThan(200);
  });
});

describe('two people at once', () => {
  it('cannot both start a rollout, nor both promote it', async () => {
    const wanted = { model: 'contended', to: '1.1.0' };
    const started = await Promise.all([1, 2].map(() => host.ask<RolloutDetailView>('admin/rollouts', wanted)));
    expect(started.map(({ status }) => status).toSorted()).toEqual([201, 409]);
    const id = started.find(({ status }) => status === 201)?.body.id ?? '';
    const { state } = await host.until(id, 'canary');
    const promoted = await Promise.all(
      ['Ada', 'Grace'].map((who) => host.command(id, 'promote', { reason: who, revision: state.revision })),
    );
    expect(promoted.map(({ status }) => status).toSorted()).toEqual([200, 409]);
    expect(promoted.find(({ status }) => status === 409)?.body).toMatchObject({ error: { code: 'revision_conflict' } });
    const after = await host.detail(id);
    expect(after.state).toMatchObject({ phase: 'canary', step: 1, revision: state.revision + 1 });
    await host.command(id, 'abort');
  });
});

it('leaves receipts that hold together, each verdict calculated again', async () => {
  const { body } = await host.ask<{ problems: unknown[]; recomputed: number }>('admin/receipts/verify?recompute=true');
  expect(body.problems).toEqual([]);
  expect(body.recomputed).toBeGreaterThan(20);
});
