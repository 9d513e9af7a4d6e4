import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeTinyEncoder } from '@scarmonit/adapters/test/fixtures/write-tiny-onnx';
import type { ModelView } from '@scarmonit/protocol/admin/model';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { killHostProcesses } from '../start-host-process.ts';
import { NodeHost } from './node-host.ts';
import { patience, RolloutHost } from './rollout-host.ts';

// On Node alone: engines are processes of this machine, and Workers have none.

vi.setConfig({ testTimeout: 240_000 });

let host: RolloutHost;
let folder: string;
beforeEach(() => {
  host = new RolloutHost(new NodeHost());
  folder = mkdtempSync(join(tmpdir(), 'scarmonit-artifact-'));
});
afterEach(async () => {
  await host.close();
  await killHostProcesses();
  rmSync(folder, { recursive: true, force: true });
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
        headers: { authorization: `Bearer ${host.adminKey}`, 'content-type': 'application/json' },
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
