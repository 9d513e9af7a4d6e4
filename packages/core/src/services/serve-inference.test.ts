import { describe, expect, it } from 'vitest';
import { Deployments } from '../deployments/deployments.ts';
import { ScarmonitError } from '../errors/scarmonit-error.ts';
import type { ApiKey } from '../keys/api-key.ts';
import { createFakeClock } from '../ports/fake-clock.ts';
import { createFakeRuntime } from '../ports/fake-runtime.ts';
import type { GenerateEvent, GenerateRequest } from '../ports/model-runtime.ts';
import type { Prediction } from '../ports/prediction-repository.ts';
import type { InferenceCall } from './agent-services.ts';
import { createApplyManifest } from './apply-manifest.ts';
import { createInferenceService } from './serve-inference.ts';
import { createTestPorts, testManifest } from './test-manifest.ts';

const anyKey: ApiKey = {
  id: 'key1',
  projectId: 'default',
  name: 'test',
  prefix: 'sk-test',
  sha256: '',
  scopes: ['infer'],
  createdAt: 0,
};

const wanted: GenerateRequest = {
  input: { kind: 'text', text: 'hi' },
  maxTokens: 16,
  stop: [],
  format: { type: 'text' },
  tools: [],
  toolChoice: 'none',
};

async function serve() {
  const clock = createFakeClock();
  const runtime = createFakeRuntime();
  const deployments = new Deployments();
  const records: Prediction[] = [];
  const ports = createTestPorts({ clock, runtime, deployments });
  await createApplyManifest(ports).apply(testManifest({ chat: ['1.0.0', '1.1.0'], vectors: ['1.0.0'] }), 'start');
  const inference = createInferenceService({ deployments, clock, record: (record) => records.push(record) });
  const leave = new AbortController();
  const call = (more: Partial<InferenceCall> = {}): InferenceCall => ({
    requestId: 'req_1',
    key: anyKey,
    route: '/v1/chat/completions',
    model: 'chat',
    pin: undefined,
    stream: true,
    signal: leave.signal as InferenceCall['signal'],
    ...more,
  });
  return { clock, runtime, inference, records, call, leave };
}

async function collect(events: AsyncIterable<GenerateEvent>): Promise<string> {
  let text = '';
  for await (const event of events) if (event.type === 'text') text += event.text;
  return text;
}

describe('serving inference', () => {
  it('answers from the stable version and records the request once, with its cost', async () => {
    const { inference, records, call } = await serve();
    const { servedBy, events } = await inference.generate(call(), wanted);
    expect(await collect(events)).toBe('hello');
    expect(servedBy).toEqual({ model: 'chat', version: '1.0.0' });
    expect(records).toMatchObject([
      { id: 'req_1', outcome: 'ok', status: 200, version: '1.0.0', inputTokens: 3, outputTokens: 2, costUsd: 0.001 },
    ]);
  });

  it('answers from the pinned version', async () => {
    const { inference, call } = await serve();
    const { servedBy } = await inference.generate(call({ pin: '1.1.0' }), wanted);
    expect(servedBy.version).toBe('1.1.0');
    await expect(inference.generate(call({ pin: '7.0.0' }), wanted)).rejects.toMatchObject({ kind: 'unknown_version' });
  });

  it('tells an unknown model and a model that the key may not use in the same words', async () => {
    const { inference, call } = await serve();
    const unknown = await inference.generate(call({ model: 'nope' }), wanted).catch((error: Error) => error.message);
    const hidden = await inference
      .generate(call({ key: { ...anyKey, models: ['vectors'] } }), wanted)
      .catch((error: Error) => error.message);
    expect(unknown).toContain("'nope' does not exist or you do not have access");
    expect(hidden).toBe(String(unknown).replace('nope', 'chat'));
  });

  it('refuses a model of another task and names the right route', async () => {
    const { inference, call } = await serve();
    await expect(inference.generate(call({ model: 'vectors' }), wanted)).rejects.toThrow(
      /does embedding.*\/v1\/embeddings/,
    );
  });

  it('lets the task choose the model, unless several do it', async () => {
    const { inference } = await serve();
    expect(inference.defaultModel('chat', anyKey)).toBe('chat');
    expect(() => inference.defaultModel('classification', anyKey)).toThrow(/No model of the task 'classification'/);
  });

  it('throws what fails before the first token, and records it as an error', async () => {
    const { inference, records, call, runtime } = await serve();
    runtime.generate = async function* () {
      yield { type: 'start' };
      throw new ScarmonitError('engine_failure', 'The engine process was killed.');
    };
    await expect(inference.generate(call(), wanted)).rejects.toMatchObject({ kind: 'engine_failure' });
    expect(records).toMatchObject([{ outcome: 'error', status: 503 }]);
  });

  it('counts a client that leaves in the middle as cancelled, with the tokens it got, and stops the engine', async () => {
    const { inference, records, call, leave, runtime } = await serve();
    let engineSaw = false;
    runtime.generate = async function* (_request, { signal }) {
      yield { type: 'text', text: 'a' };
      yield { type: 'text', text: 'b' };
      await new Promise<void>((resolve) => signal.addEventListener('abort', resolve));
      engineSaw = true;
      throw new ScarmonitError('cancelled', 'stopped');
    };
    const { events } = await inference.generate(call(), wanted);
    const iterator = events[Symbol.asyncIterator]();
    await iterator.next();
    await iterator.next();
    const third = iterator.next();
    leave.abort();
    await expect(third).rejects.toMatchObject({ kind: 'cancelled' });
    expect(engineSaw).toBe(true);
    expect(records).toMatchObject([{ outcome: 'cancelled', status: 499, outputTokens: 2 }]);
  });

  it('frees the engine when the consumer leaves before it reads anything', async () => {
    const { inference, records, call, runtime } = await serve();
    let signalled: { aborted: boolean } | undefined;
    let closed = false;
    runtime.generate = async function* (_request, { signal }) {
      signalled = signal;
      try {
        yield { type: 'text', text: 'a' };
        yield { type: 'text', text: 'b' };
      } finally {
        closed = true;
      }
    };
    const { events } = await inference.generate(call(), wanted);
    await events[Symbol.asyncIterator]().return?.();
    expect(signalled?.aborted).toBe(true);
    expect(closed).toBe(true);
    expect(records).toMatchObject([{ outcome: 'cancelled' }]);
  });

  it('ends a request at its deadline', async () => {
    const { inference, records, call, clock, runtime } = await serve();
    runtime.generate = async function* (_request, { signal }) {
      await new Promise<void>((resolve) => signal.addEventListener('abort', resolve));
      throw new ScarmonitError('cancelled', 'stopped');
    };
    const answer = inference.generate(call(), wanted);
    const refused = expect(answer).rejects.toMatchObject({ kind: 'timeout' });
    await clock.advance(120_000);
    await refused;
    expect(records).toMatchObject([{ outcome: 'timeout', status: 504, latencyMs: 120_000 }]);
    expect(clock.pending).toBe(0);
  });

  it('says that a crashed version is restarting, and serves again when it is back', async () => {
    const { inference, call, runtime } = await serve();
    runtime.changeState('restarting', 'the engine process was killed (SIGKILL)');
    await expect(inference.generate(call(), wanted)).rejects.toMatchObject({ kind: 'not_ready', retryAfterMs: 2_000 });
    runtime.changeState('ready');
    const { events } = await inference.generate(call(), wanted);
    expect(await collect(events)).toBe('hello');
  });
});
