import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFakeClock } from '@scarmonit/core/test/fake-clock';
import { afterAll } from 'vitest';
import { createEngineProcessRuntime } from '../src/engine-process/engine-process-runtime.ts';
import { versionSpec } from '../src/engine-process/fixtures/version-spec.ts';
import { testModelRuntime } from './contracts/model-runtime.ts';
import { writeTinyGguf } from './fixtures/write-tiny-gguf.ts';

const directory = await mkdtemp(join(tmpdir(), 'scarmonit-llama-cpp-'));
afterAll(() => rm(directory, { recursive: true }));

testModelRuntime('llama-cpp', 'chat', async () => {
  const artifactPath = join(directory, 'endless.gguf');
  await writeTinyGguf(artifactPath, { endless: true });
  const runtime = createEngineProcessRuntime({
    engineModule: new URL('../src/runtimes/llama-cpp/engine-module.ts', import.meta.url),
    clock: createFakeClock(),
  });
  const options = { contextTokens: 2_048, threads: 1 };
  return { runtime, spec: versionSpec({ task: 'chat', runtime: 'llama-cpp', options }), artifactPath };
});
