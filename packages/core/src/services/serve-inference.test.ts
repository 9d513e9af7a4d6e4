import { describe, expect, it } from 'vitest';
import { testVersion } from '../../test/manifest.ts';
import { createTestServing, testKey } from '../../test/serving.ts';
import { ScarmonitError } from '../errors/scarmonit-error.ts';
import type { GenerateEvent, GenerateRequest } from '../ports/model-runtime.ts';
import type { InferenceCall } from './agent-services.ts';

const wanted: GenerateRequest = {
  input: { kind: 'text', text: 'hi' },
  maxTokens: 16,
  stop: [],
  format: { type: 'text' },
  tools: [],
  toolChoice: 'none',
};

async function serve() {
  const serving = await createTestServing({ chat: ['1.0.0', '1.1.0'], vectors: ['1.0.0'] });
  const generate = (more: Partial<InferenceCall> = {}) =>
    serving.inference.serve(serving.call(more), 'chat', async (version) => ({
      servedBy: version.servedBy,
      events: await version.generate(wanted),
    }));
  return { ...serving, generate };
}

async function collect(events: AsyncIterable<GenerateEvent>): Promise<string> {
  let text = '';
  for await (const event of events) if (event.type === 'text') text += event.text;
  return text;
}

describe('serving inference', () => {
  it('answers from the stable version and records the request once, with its cost', async () => {
    const { generate, records } = await serve();
    const { servedBy, events } = await generate();
    expect(await collect(events)).toBe('hello');
    expect(servedBy).toEqual({ model: 'chat', version: '1.0.0' });
    expect(records).toMatchObject([
      {
        requestId: 'req_1',
        outcome: 'ok',
        status: 200,
        version: '1.0.0',
        inputTokens: 3,
        outputTokens: 2,
        costUsd: 0.001,
      },
    ]);
  });

  it('records who asked by a hash: the end user, else the key', async () => {
    const { generate, records } = await serve();
    for (const user of ['ann', undefined, 'ann']) await collect((await generate({ user })).events);
    const [ann, key, annAgain] = records.map(({ endUser }) => endUser);
    expect(ann).toMatch(/^sha256\(default\nuser\nann\)$/);
    expect(key).toMatch(/^sha256\(default\nkey\nkey1\)$/);
    expect(annAgain).toBe(ann);
  });

  it('answers from the pinned version', async () => {
    const { generate } = await serve();
    const { servedBy } = await generate({ pin: '1.1.0' });
    expect(servedBy.version).toBe('1.1.0');
    await expect(generate({ pin: '7.0.0' })).rejects.toMatchObject({ kind: 'unknown_version' });
  });

  it('tells an unknown model and a model that the key may not use in the same words', async () => {
    const { generate } = await serve();
    const unknown = await generate({ model: 'nope' }).catch((error: Error) => error.message);
    const hidden = await generate({ key: { ...testKey, models: ['vectors'] } }).catch((error: Error) => error.message);
    expect(unknown).toContain("'nope' does not exist or you do not have access");
    expect(hidden).toBe(String(unknown).replace('nope', 'chat'));
  });

  it('refuses a model of another task and names the right route', async () => {
    const { generate } = await serve();
    await expect(generate({ model: 'vectors' })).rejects.toThrow(/does embedding.*\/v1\/embeddings/);
  });

  it('lets the task choose the model, unless several do it', async () => {
    const { inference } = await serve();
    expect(inference.defaultModel('chat', testKey)).toBe('chat');
    expect(() => inference.defaultModel('classification', testKey)).toThrow(/No model of the task 'classification'/);
  });

  it('throws what fails before the first token, and records it as an error', async () => {
    const { generate, records, runtime } = await serve();
    runtime.generate = async function* () {
      yield { type: 'start' };
      throw new ScarmonitError('engine_failure', 'The engine process was killed.');
    };
    await expect(generate()).rejects.toMatchObject({ kind: 'engine_failure' });
    expect(records).toMatchObject([{ outcome: 'error', status: 503 }]);
  });

  it('records an engine that throws before it gives an iterator, and keeps no timer', async () => {
    const { generate, records, runtime, clock } = await serve();
    runtime.generate = () => {
      throw new ScarmonitError('not_ready', 'The engine restarts.');
    };
    await expect(generate()).rejects.toMatchObject({ kind: 'not_ready' });
    expect(records).toMatchObject([{ outcome: 'error', status: 503, costUsd: 0 }]);
    expect(clock.pending).toBe(0);
  });

  it('charges the price of a request once, however many prompts it brings', async () => {
    const prices = { perRequestUsd: 1, inputPerMillionTokensUsd: 1e6, outputPerMillionTokensUsd: 0, perSecondUsd: 0 };
    const { inference, call, records } = await createTestServing({ chat: [testVersion('chat', '1.0.0', { prices })] });
    const embedding = { input: { kind: 'texts', texts: ['a'] } } as const;
    const ask = (prompts: number) =>
      inference.serve(call(), 'chat', (version) =>
        Promise.all(Array.from({ length: prompts }, () => version.embed(embedding))),
      );
    await ask(3);
    await ask(1);
    expect(records.map(({ inputTokens, costUsd }) => [inputTokens, costUsd])).toEqual([
      [1, 2],
      [1, 1],
      [1, 1],
      [1, 2],
    ]);
  });

  it('charges a request for its running time once its work has begun, and nothing for the queue', async () => {
    const prices = { perRequestUsd: 1, inputPerMillionTokensUsd: 0, outputPerMillionTokensUsd: 0, perSecondUsd: 0.5 };
    const { inference, call, records, runtime, clock } = await createTestServing({
      chat: [testVersion('chat', '1.0.0', { prices })],
    });
    let queuedMs = 4_000;
    runtime.generate = async function* (_request, { signal }) {
      const stopped = new Promise<never>((_, reject) => {
        signal.addEventListener('abort', () => reject(new Error('stopped')));
      });
      await Promise.race([stopped, new Promise<void>((resolve) => clock.schedule(queuedMs, resolve))]);
      yield { type: 'start' };
      await stopped;
    };
    const leaveAfter = async (ms: number) => {
      const client = new AbortController();
      const signal = client.signal as InferenceCall['signal'];
      const refused = expect(
        inference.serve(call({ signal }), 'chat', (version) => version.generate(wanted)),
      ).rejects.toMatchObject({ kind: 'cancelled' });
      await clock.advance(ms);
      client.abort();
      await refused;
    };
    await leaveAfter(6_000);
    queuedMs = 60_000;
    await leaveAfter(6_000);
    expect(records.map(({ outcome, queueMs, costUsd }) => [outcome, queueMs, costUsd])).toEqual([
      ['cancelled', 4_000, 2],
      ['cancelled', undefined, 0],
    ]);
  });

  it('charges an embedding that is there', async () => {
    const { inference, call, records } = await serve();
    const input = { kind: 'texts', texts: ['a'] } as const;
    await inference.serve(call({ model: 'vectors' }), 'embedding', (version) => version.embed({ input }));
    await expect(
      inference.serve(call({ model: 'vectors' }), 'embedding', (version) => version.classify({ input })),
    ).rejects.toMatchObject({ kind: 'unsupported' });
    expect(records).toMatchObject([
      { outcome: 'ok', inputTokens: 1, costUsd: 0.001 },
      { outcome: 'client_error', costUsd: 0 },
    ]);
  });

  it('counts a client that leaves in the middle as cancelled, with the tokens it got, and stops the engine', async () => {
    const { generate, records, leave, runtime } = await serve();
    let engineSaw = false;
    runtime.generate = async function* (_request, { signal }) {
      yield { type: 'text', text: 'a' };
      yield { type: 'text', text: 'b' };
      await new Promise<void>((resolve) => signal.addEventListener('abort', resolve));
      engineSaw = true;
      throw new ScarmonitError('cancelled', 'stopped');
    };
    const { events } = await generate();
    const iterator = events[Symbol.asyncIterator]();
    await iterator.next();
    await iterator.next();
    const third = iterator.next();
    leave();
    await expect(third).rejects.toMatchObject({ kind: 'cancelled' });
    expect(engineSaw).toBe(true);
    expect(records).toMatchObject([{ outcome: 'cancelled', status: 499, outputTokens: 2 }]);
  });

  it('frees the engine when the consumer leaves before it reads anything', async () => {
    const { generate, records, runtime } = await serve();
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
    const { events } = await generate();
    await events[Symbol.asyncIterator]().return?.();
    expect(signalled?.aborted).toBe(true);
    expect(closed).toBe(true);
    expect(records).toMatchObject([{ outcome: 'cancelled' }]);
  });

  it('ends a request at its deadline', async () => {
    const { generate, records, clock, runtime } = await serve();
    runtime.generate = async function* (_request, { signal }) {
      await new Promise<void>((resolve) => signal.addEventListener('abort', resolve));
      throw new ScarmonitError('cancelled', 'stopped');
    };
    const answer = generate();
    const refused = expect(answer).rejects.toMatchObject({ kind: 'timeout' });
    await clock.advance(120_000);
    await refused;
    expect(records).toMatchObject([{ outcome: 'timeout', status: 504, latencyMs: 120_000 }]);
    expect(clock.pending).toBe(0);
  });

  it('says that a crashed version is restarting, and serves again when it is back', async () => {
    const { generate, runtime } = await serve();
    runtime.changeState('restarting', 'the engine process was killed (SIGKILL)');
    await expect(generate()).rejects.toMatchObject({ kind: 'not_ready', retryAfterMs: 2_000 });
    runtime.changeState('ready');
    const { events } = await generate();
    expect(await collect(events)).toBe('hello');
  });
});
