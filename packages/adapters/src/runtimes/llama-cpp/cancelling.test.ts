import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Engine } from '@scarmonit/core/ports/engine';
import type { GenerateEvent, GenerateRequest } from '@scarmonit/core/ports/model-runtime';
import type { LocalVersionSpec } from '@scarmonit/core/registry/version-spec';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { writeTinyGguf } from '../../../test/fixtures/write-tiny-gguf.ts';
import { createEngine } from './engine.ts';
import { largestExactStep } from './prompt-pacer.ts';

let folder: string;
let artifactPath: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'scarmonit-llama-cpp-'));
  artifactPath = join(folder, 'endless.gguf');
  await writeTinyGguf(artifactPath, { endless: true });
});

afterAll(() => rm(folder, { recursive: true }));

describe('cancelling, in model time', () => {
  it('hands the only sequence to the next in the queue before another token is made', async () => {
    const engine = await openEngine({});
    const leaving = new AbortController();
    const running = generate(engine, 'Hi', leaving.signal);
    await nextOf(running, 'text');
    const waiting = generate(engine, 'Hi');
    const firstToken = nextOf(waiting, 'text');
    expect(engine.stats()).toMatchObject({ running: 1, queued: 1 });
    const taken = stepsOf(engine);
    leaving.abort();
    await firstToken;
    // The step that was being computed, and the one that makes the first token of the next answer.
    expect(stepsOf(engine) - taken).toBeLessThanOrEqual(2);
    await waiting.return?.();
  });

  it.each([
    [16, { batchTokens: 16 }],
    [largestExactStep, {}],
  ])('ends a long prompt after one more step of %i tokens at the most', async (tokensAStep, options) => {
    const engine = await openEngine(options);
    const content = 'x'.repeat(1_500);
    const before = stepsOf(engine);
    const leaving = new AbortController();
    const running = generate(engine, content, leaving.signal);
    await nextOf(running, 'start');
    const rest = nextOf(running, 'text');
    while (stepsOf(engine) < before + 3) await turn();
    const taken = stepsOf(engine) - before;
    leaving.abort();
    await expect(rest).rejects.toMatchObject({ kind: 'cancelled' });
    while (engine.stats().running > 0) await turn();
    expect(stepsOf(engine) - before).toBeLessThanOrEqual(taken + 1);

    // What was computed is what the same prompt finds done.
    const { usage } = await nextOf(generate(engine, content, undefined, 1), 'finish');
    expect(usage.inputTokens).toBeGreaterThan(1_500);
    expect(usage.cachedInputTokens).toBeGreaterThan(0);
    expect(usage.cachedInputTokens).toBeLessThanOrEqual((taken + 1) * tokensAStep);
  });

  it('gives up a place in the queue at once, and computes nothing for it', async () => {
    const engine = await openEngine({ queueLimit: 1 });
    const running = generate(engine, 'Hi');
    await nextOf(running, 'text');
    const leaving = new AbortController();
    const waiting = nextOf(generate(engine, 'Hi', leaving.signal), 'start');
    await expect(nextOf(generate(engine, 'Hi'), 'start')).rejects.toMatchObject({ kind: 'overloaded' });
    leaving.abort();
    expect(engine.stats()).toMatchObject({ running: 1, queued: 0 });
    const next = nextOf(generate(engine, 'Hi', undefined, 1), 'finish');
    expect(engine.stats()).toMatchObject({ running: 1, queued: 1 });
    await expect(waiting).rejects.toMatchObject({ kind: 'cancelled' });
    await running.return?.();
    expect((await next).usage.outputTokens).toBe(1);
  });
});

/** An engine with a single sequence. */
async function openEngine(options: Readonly<Record<string, unknown>>): Promise<Engine> {
  const spec: LocalVersionSpec = {
    model: 'tiny',
    version: '1.0.0',
    task: 'chat',
    runtime: 'llama-cpp',
    artifact: { sha256: '', from: [], recipe: 'concat' },
    options: { threads: 1, sequences: 1, contextTokens: 2_048, ...options },
    prices: { perRequestUsd: 0, inputPerMillionTokensUsd: 0, outputPerMillionTokensUsd: 0, perSecondUsd: 0 },
    timeoutMs: 60_000,
    fallbacks: [],
  };
  const engine = await createEngine(spec, artifactPath);
  onTestFinished(() => engine.unload());
  return engine;
}

function generate(engine: Engine, content: string, signal = new AbortController().signal, maxTokens = 2_000) {
  if (engine.generate === undefined) throw new Error('the engine does not generate');
  const request: GenerateRequest = {
    input: { kind: 'messages', messages: [{ role: 'user', content }] },
    maxTokens,
    stop: [],
    temperature: 0,
    format: { type: 'text' },
    tools: [],
    toolChoice: 'none',
  };
  return engine.generate(request, { signal })[Symbol.asyncIterator]();
}

/** Reads up to the first event of this type. */
async function nextOf<Type extends GenerateEvent['type']>(
  events: AsyncIterator<GenerateEvent>,
  type: Type,
): Promise<Extract<GenerateEvent, { type: Type }>> {
  for (let step = await events.next(); step.done !== true; step = await events.next()) {
    if (step.value.type === type) return step.value as Extract<GenerateEvent, { type: Type }>;
  }
  throw new Error(`the answer ended without '${type}'`);
}

/** How many batches the engine has computed: its own time, however fast the machine is. */
function stepsOf(engine: Engine): number {
  return Object.values(engine.stats().batchSizes).reduce((sum, count) => sum + count, 0);
}

/** Lets the event loop turn, so that the step that is being computed can come back. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
