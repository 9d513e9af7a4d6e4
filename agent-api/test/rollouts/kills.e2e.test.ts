import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeTinyEncoder } from '@scarmonit/adapters/test/fixtures/write-tiny-onnx';
import type { ModelView } from '@scarmonit/protocol/admin/model';
import type { RolloutDetailView } from '@scarmonit/protocol/admin/rollout';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { killHostProcesses } from '../start-host-process.ts';
import { testKey } from '../start-test-host.ts';
import { type FaultyUpstream, startFaultyUpstream } from './faulty-upstream.ts';
import { keepAsking } from './keep-asking.ts';
import { patience, phasesOf, RolloutHost, upstreamManifest } from './rollout-host.ts';

vi.setConfig({ testTimeout: 240_000 });

let host: RolloutHost;
let upstream: FaultyUpstream;
let folder: string;
beforeEach(async () => {
  host = new RolloutHost();
  upstream = await startFaultyUpstream();
  folder = mkdtempSync(join(tmpdir(), 'scarmonit-artifact-'));
});
afterEach(async () => {
  await host.close();
  await killHostProcesses();
  await upstream.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Sends so many requests, each of which must be answered. @returns how many the candidate answered */
async function askAll(model: string, requests: number): Promise<number> {
  const traffic = keepAsking(host, model, 8);
  await expect.poll(() => traffic.endings.length, patience).toBeGreaterThan(requests);
  await traffic.stop();
  expect(traffic.endings.filter(({ how }) => how !== 'whole')).toEqual([]);
  return traffic.endings.filter(({ version }) => version === '1.1.0').length;
}

/** What is counted is written within a second; what a kill finds in memory is lost. */
async function untilWritten(id: string, requests: number): Promise<void> {
  await expect.poll(async () => (await host.detail(id)).counts.candidate.requests, patience).toBe(requests);
}

/**
 * Kills the host, starts it again, and sees that the rollout stands where it stood. A frozen one may have been looked at
 * anew meanwhile, which adds to its history and changes nothing else.
 */
async function killIn(id: string, phase: string): Promise<void> {
  const before = await host.until(id, phase);
  await host.kill();
  await host.restart();
  const after = await host.detail(id);
  expect(after.states.slice(0, before.states.length)).toEqual(before.states);
  expect(standOf(after)).toEqual(standOf(before));
}

function standOf({ state, traffic }: RolloutDetailView): object {
  const { phase, step, paused, provisional } = state;
  const { stable, candidate, weight, shadow } = traffic;
  return { phase, step, paused, provisional, stable, candidate, weight, shadow };
}

it('goes on where it was after kill -9 in each phase', async () => {
  const goals = { maxErrorRate: 0.05 };
  const rollout = { strategy: 'canary', steps: [50], minBakeMinutes: 0.1, shadow: { percent: 100, pairs: 40 } };
  await host.start(upstreamManifest(upstream.baseUrl, [{ name: 'tough', goals, rollout }]));
  upstream.behave('tough-1.1.0', { hangs: true });
  const id = await host.startRollout('tough');
  await killIn(id, 'draft');
  upstream.behave('tough-1.1.0', {});
  await killIn(id, 'shadow');
  const first = await askAll('tough', 60);
  await host.until(id, 'canary');
  await untilWritten(id, first);
  await killIn(id, 'canary');
  await host.command(id, 'pause');
  const seen = first + (await askAll('tough', 200));
  expect(seen).toBeGreaterThan(50);
  await untilWritten(id, seen);
  await killIn(id, 'canary');
  // What was counted and written before is not counted again, and not lost.
  expect((await host.detail(id)).counts.candidate.requests).toBe(seen);
  expect((await host.detail(id)).state.paused).toBe(true);
  for (const version of ['1.0.0', '1.1.0']) upstream.behave(`tough-${version}`, { failsOneIn: 2 });
  const outage = keepAsking(host, 'tough', 8);
  // Paused still, or it would go on to the bake before the outage is noticed.
  await host.until(id, 'frozen');
  expect((await host.command(id, 'resume')).status).toBe(200);
  await outage.stop();
  await killIn(id, 'frozen');
  for (const version of ['1.0.0', '1.1.0']) upstream.behave(`tough-${version}`, {});
  const recovering = keepAsking(host, 'tough', 8);
  await host.until(id, 'bake');
  // The bake would be over before a busy machine has a host again.
  expect((await host.command(id, 'pause')).status).toBe(200);
  await recovering.stop();
  await killIn(id, 'bake');
  await host.command(id, 'resume');
  await host.until(id, 'active');
  await killIn(id, 'active');
  const detail = await host.detail(id);
  expect(detail.traffic).toMatchObject({ stable: '1.1.0', candidate: null, weight: 0 });
  expect(phasesOf(detail).filter((phase, index, all) => all.indexOf(phase) === index)).toEqual([
    'draft',
    'validated',
    'shadow',
    'canary',
    'frozen',
    'bake',
    'active',
  ]);
  const { body } = await host.ask<{ problems: unknown[] }>('admin/receipts/verify?recompute=true');
  expect(body.problems).toEqual([]);
});

it('is held after a deadline that passed while the host was down', async () => {
  const rollout = { strategy: 'canary', steps: [50], minBakeMinutes: 10, deadlineHours: 0.002 };
  await host.start(upstreamManifest(upstream.baseUrl, [{ name: 'late', goals: { maxErrorRate: 0.05 }, rollout }]));
  const id = await host.startRollout('late');
  await host.until(id, 'canary');
  await host.kill();
  await host.restart();
  expect((await host.until(id, 'held')).traffic).toMatchObject({ stable: '1.0.0', weight: 0.5 });
  await host.kill();
  await host.restart();
  const resumed = await host.command(id, 'resume', { reason: 'more time' });
  expect(resumed.body.state.phase).toBe('canary');
});

/** Starts a host with two embedding models, each version of which has an engine of its own. */
async function startEngines(): Promise<void> {
  const artifact = join(folder, 'tiny.tar');
  await writeTinyEncoder(artifact);
  const sha256 = createHash('sha256').update(readFileSync(artifact)).digest('hex');
  const version = (threads: number) => ({
    runtime: 'onnx',
    artifact: { sha256, recipe: 'concat', from: [{ sources: [`file:${artifact}`], sha256 }] },
    options: { threads },
  });
  const model = {
    task: 'embedding',
    goals: { maxErrorRate: 0.05 },
    stable: '1.0.0',
    versions: { '1.0.0': version(1), '1.1.0': version(2) },
    rollout: { strategy: 'canary', steps: [20], minBakeMinutes: 10 },
  };
  await host.start(JSON.stringify({ apiVersion: 'scarmonit/v1', models: { idle: model, busy: model } }));
}

/** The process of the candidate's engine, while it is ready. */
async function findEngine(model: string): Promise<number | undefined> {
  const { body } = await host.ask<ModelView>(`admin/models/${model}`);
  const candidate = body.versions.find(({ version }) => version === '1.1.0');
  return candidate?.state === 'ready' ? (candidate.stats?.processId ?? undefined) : undefined;
}

/** Kills the engine of the candidate as the kernel does when memory runs out, so often as it comes back. */
async function killEngine(model: string, times: number): Promise<void> {
  const killed = new Set<number>();
  while (killed.size < times) {
    const engine = await vi.waitFor(async () => {
      const found = await findEngine(model);
      if (found === undefined || killed.has(found)) throw new Error('The engine is not back yet.');
      return found;
    }, patience);
    process.kill(engine, 'SIGKILL');
    killed.add(engine);
  }
}

it('is rolled back when the engine of the candidate has crashed three times, with or without requests', async () => {
  await startEngines();
  const id = await host.startRollout('idle');
  await host.until(id, 'canary');
  await killEngine('idle', 3);
  const detail = await host.until(id, 'rolled-back');
  expect(detail).toMatchObject({ crashes: 3, state: { reason: 'the engine of 1.1.0 crashed 3 times' } });
});

it('is rolled back for the requests that a crash of the candidate has cost, and none of the old version fails', async () => {
  await startEngines();
  const id = await host.startRollout('busy');
  await host.until(id, 'canary');
  const answers: { readonly status: number; readonly version: string | null }[] = [];
  let isStopped = false;
  const ask = async (): Promise<void> => {
    while (!isStopped) {
      const response = await fetch(`${host.url}/v1/embeddings`, {
        method: 'POST',
        headers: { authorization: `Bearer ${testKey}`, 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'busy', input: 'hot' }),
      });
      await response.arrayBuffer();
      answers.push({ status: response.status, version: response.headers.get('x-model-version') });
    }
  };
  const asking = Promise.all([ask(), ask(), ask(), ask()]);
  try {
    await expect.poll(() => answers.some(({ version }) => version === '1.1.0'), patience).toBe(true);
    await killEngine('busy', 1);
    const { traffic } = await host.until(id, 'rolled-back');
    expect(traffic).toMatchObject({ stable: '1.0.0', candidate: null, weight: 0 });
    const before = answers.length;
    await expect.poll(() => answers.length, patience).toBeGreaterThan(before + 20);
  } finally {
    isStopped = true;
    await asking;
  }
  const failed = answers.filter(({ status }) => status !== 200).length;
  await expect.poll(() => host.failures('busy'), patience).toEqual({ '1.1.0': failed });
  expect(new Set(answers.slice(-10).map(({ version, status }) => `${version} ${status}`))).toEqual(
    new Set(['1.0.0 200']),
  );
});
