import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LoadedVersion } from '@scarmonit/core/ports/model-runtime';
import type { VersionSpec } from '@scarmonit/core/registry/version-spec';
import { createFakeClock } from '@scarmonit/core/test/fake-clock';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createEngineProcessRuntime } from '../src/engine-process/engine-process-runtime.ts';
import { versionSpec } from '../src/engine-process/fixtures/version-spec.ts';
import { testModelRuntime } from './contracts/model-runtime.ts';
import { writeTinyClassifier, writeTinyEncoder } from './fixtures/write-tiny-onnx.ts';

const directory = await mkdtemp(join(tmpdir(), 'scarmonit-onnx-'));
const encoder = join(directory, 'encoder.tar');
const classifier = join(directory, 'classifier.tar');
afterAll(() => rm(directory, { recursive: true }));

const runtime = createEngineProcessRuntime({
  engineModule: new URL('../src/runtimes/onnx/engine.ts', import.meta.url),
  clock: createFakeClock(),
});

testModelRuntime('onnx, embedding', 'embedding', async () => {
  await writeTinyEncoder(encoder);
  return { runtime, spec: versionSpec({ task: 'embedding', runtime: 'onnx' }), artifactPath: encoder };
});

testModelRuntime('onnx, classification', 'classification', async () => {
  await writeTinyClassifier(classifier);
  return { runtime, spec: versionSpec({ task: 'classification', runtime: 'onnx' }), artifactPath: classifier };
});

describe('onnx', () => {
  const opened: LoadedVersion[] = [];
  beforeAll(async () => {
    await writeTinyEncoder(encoder);
    await writeTinyClassifier(classifier);
  });
  afterEach(() => Promise.all(opened.splice(0).map((version) => version.unload())));

  const load = async (task: VersionSpec['task'], options: VersionSpec['options'] = {}) => {
    const path = task === 'embedding' ? encoder : classifier;
    const version = await runtime.load(versionSpec({ task, runtime: 'onnx', options }), path);
    opened.push(version);
    return version;
  };
  const loadEncoder = async (options?: VersionSpec['options']) => {
    const version = await load('embedding', options);
    return { version, embed: (...texts: string[]) => embedWith(version, texts) };
  };

  it('pools over what is there and not over the padding', async () => {
    const { embed } = await loadEncoder();
    const { vectors, inputTokens } = await embed('hot', 'cold cold hot HOT', 'hot cold');
    expect(vectors[0]).toEqual(Float32Array.of(1, 0, 0, 0));
    expect([...(vectors[1] ?? [])]).toEqual([closeTo(Math.SQRT1_2), closeTo(Math.SQRT1_2), 0, 0]);
    expect([...(vectors[2] ?? [])]).toEqual([closeTo(Math.SQRT1_2), closeTo(Math.SQRT1_2), 0, 0]);
    // Two special tokens a text.
    expect(inputTokens).toBe(3 + 6 + 4);
  });

  it('scores by the softmax of the logits', async () => {
    const version = await load('classification');
    const signal = new AbortController().signal;
    const answer = await version.classify?.({ input: { kind: 'texts', texts: ['cold'] } }, { signal });
    const total = Math.exp(3) + 3;
    expect(answer?.results[0]?.[0]).toEqual({ label: 'chilly', score: closeTo(Math.exp(3) / total) });
    expect(answer?.results[0]?.[1]?.score).toBeCloseTo(1 / total, 5);
  });

  it('gives many requests at once their own answers, in shared batches', async () => {
    const { version, embed } = await loadEncoder();
    const before = await version.stats();
    const answers = await Promise.all(
      Array.from({ length: 64 }, (_, index) => embed(index % 2 === 0 ? 'hot' : 'cold', 'hot cold')),
    );
    for (const [index, { vectors }] of answers.entries()) {
      expect(vectors[0]).toEqual(index % 2 === 0 ? Float32Array.of(1, 0, 0, 0) : Float32Array.of(0, 1, 0, 0));
    }
    const { batchSizes } = await version.stats();
    const added = Object.entries(batchSizes).map(([size, count]) => [
      Number(size),
      count - (before.batchSizes[Number(size)] ?? 0),
    ]);
    const texts = added.reduce((sum, [size = 0, count = 0]) => sum + size * count, 0);
    const batches = added.reduce((sum, [, count = 0]) => sum + count, 0);
    expect(texts).toBe(128);
    expect(batches).toBeLessThanOrEqual(16);
  });

  it('never sends values that are not numbers', async () => {
    const { embed } = await loadEncoder();
    const neighbour = embed('hot');
    await expect(embed('broken')).rejects.toMatchObject({ kind: 'engine_failure' });
    expect((await neighbour).vectors[0]).toEqual(Float32Array.of(1, 0, 0, 0));
  });

  it('cuts long texts when the version says so', async () => {
    const { embed } = await loadEncoder({ truncate: true });
    expect((await embed('hot '.repeat(100))).inputTokens).toBe(16);
  });

  it('shortens the vectors of a Matryoshka model', async () => {
    const version = await load('embedding', { matryoshka: true });
    const signal = new AbortController().signal;
    const input = { kind: 'texts', texts: ['hot cold'] } as const;
    const short = await version.embed?.({ input, dimensions: 1 }, { signal });
    expect(short?.vectors).toEqual([Float32Array.of(1)]);
    await expect(version.embed?.({ input, dimensions: 5 }, { signal })).rejects.toMatchObject({
      kind: 'invalid_request',
      param: 'dimensions',
    });
  });

  it('refuses an artifact for another task', async () => {
    const spec = versionSpec({ task: 'classification', runtime: 'onnx' });
    await expect(runtime.load(spec, encoder)).rejects.toThrow("is for task 'embedding'");
  });
});

function closeTo(value: number): unknown {
  return expect.closeTo(value, 5);
}

function embedWith(version: LoadedVersion, texts: readonly string[]) {
  if (version.embed === undefined) throw new Error('the version does not embed');
  return version.embed({ input: { kind: 'texts', texts } }, { signal: new AbortController().signal });
}
