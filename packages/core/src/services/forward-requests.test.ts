import { describe, expect, it } from 'vitest';
import { testUpstream } from '../../test/manifest.ts';
import { createTestServing } from '../../test/serving.ts';
import { ScarmonitError } from '../errors/scarmonit-error.ts';
import type { WireAnswer, WireChunk } from '../ports/model-runtime.ts';
import type { InferenceCall } from './agent-services.ts';

const usage = { inputTokens: 5, outputTokens: 7 };
const body = { model: 'chat', stream: true, messages: [], future_field: { deep: [1] } };

async function serve() {
  const serving = await createTestServing({ chat: [testUpstream('chat', '1.0.0', { timeoutMs: 10_000 })] });
  const forward = (more: Partial<InferenceCall> = {}) =>
    serving.inference.serve(serving.call(more), 'chat', (version) =>
      version.forward({ endpoint: 'chat/completions', body }),
    );
  /** The upstream streams this, and waits for nothing. */
  const stream = (chunks: () => AsyncIterable<WireChunk>) => {
    serving.runtime.forward = async () => ({ kind: 'stream', chunks: chunks() });
  };
  return { ...serving, forward, stream };
}

function chunksOf(answer: WireAnswer): AsyncIterator<WireChunk> {
  if (answer.kind !== 'stream') throw new Error('The answer is no stream.');
  return answer.chunks[Symbol.asyncIterator]();
}

const never = () => new Promise<never>(() => {});

describe('forwarding a request', () => {
  it('hands the body on untouched, with the public name of the model and the id of the request', async () => {
    const { forward, runtime } = await serve();
    const seen: unknown[] = [];
    runtime.forward = async (request, { requestId }) => {
      seen.push(request, requestId);
      return { kind: 'json', text: '{}', usage };
    };
    expect(await forward()).toEqual({ kind: 'json', text: '{}', usage });
    expect(seen).toEqual([{ endpoint: 'chat/completions', body, publicModel: 'chat' }, 'req_1']);
  });

  it('records a whole answer with the usage that the upstream reports', async () => {
    const { forward, runtime, records, clock } = await serve();
    runtime.forward = async () => ({ kind: 'json', text: '{}', usage });
    await forward({ stream: false });
    runtime.forward = async () => ({ kind: 'json', text: '{}', usage: undefined });
    await forward({ requestId: 'req_2' });
    expect(records).toMatchObject([
      { requestId: 'req_1', outcome: 'ok', status: 200, stream: false, ...usage },
      { requestId: 'req_2', outcome: 'ok', inputTokens: 0, outputTokens: 0 },
    ]);
    expect(clock.pending).toBe(0);
  });

  it('records a stream once it has ended, hidden usage included', async () => {
    const { forward, stream, records, clock } = await serve();
    stream(async function* () {
      yield { text: 'a' };
      yield { text: 'b' };
      yield { text: undefined, usage };
    });
    const chunks = chunksOf(await forward());
    await clock.advance(100);
    expect(await chunks.next()).toEqual({ done: false, value: { text: 'a' } });
    expect(await chunks.next()).toEqual({ done: false, value: { text: 'b' } });
    expect(await chunks.next()).toEqual({ done: false, value: { text: undefined, usage } });
    expect(records).toEqual([]);
    expect((await chunks.next()).done).toBe(true);
    expect((await chunks.next()).done).toBe(true);
    expect(records).toMatchObject([{ outcome: 'ok', status: 200, firstTokenMs: 0, latencyMs: 100, ...usage }]);
    expect(clock.pending).toBe(0);
  });

  it('counts a stream without usage by the pieces that the client sees', async () => {
    const { forward, stream, records } = await serve();
    stream(async function* () {
      yield { text: 'a' };
      yield { text: undefined };
      yield { text: 'b' };
    });
    const chunks = chunksOf(await forward());
    while (!(await chunks.next()).done);
    expect(records).toMatchObject([{ outcome: 'ok', inputTokens: 0, outputTokens: 2 }]);
  });

  it('passes on how a stream breaks, and records it with its pieces', async () => {
    const { forward, stream, records } = await serve();
    stream(async function* () {
      yield { text: 'a' };
      throw new ScarmonitError('engine_failure', 'The upstream went away.');
    });
    const chunks = chunksOf(await forward());
    await chunks.next();
    await expect(chunks.next()).rejects.toMatchObject({ kind: 'engine_failure' });
    expect(records).toMatchObject([{ outcome: 'error', status: 503, outputTokens: 1 }]);
  });

  it.each([
    ['timeout', 'timeout', 504],
    ['rate_limited', 'limited', 429],
    ['invalid_request', 'client_error', 400],
    ['engine_failure', 'error', 503],
  ] as const)('records that the upstream failed with %s as %s', async (kind, outcome, status) => {
    const { forward, runtime, records } = await serve();
    runtime.forward = () => Promise.reject(new ScarmonitError(kind, 'In plain words.'));
    await expect(forward()).rejects.toMatchObject({ kind });
    expect(records).toMatchObject([{ outcome, status }]);
  });

  it('stops the upstream when the client leaves before the first byte', async () => {
    const { forward, runtime, records, leave } = await serve();
    runtime.forward = (_request, { signal }) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(new Error('aborted')));
      });
    const answer = forward();
    const refused = expect(answer).rejects.toMatchObject({ kind: 'cancelled' });
    leave();
    await refused;
    expect(records).toMatchObject([{ outcome: 'cancelled', status: 499, outputTokens: 0 }]);
  });

  it('stops the upstream when the client leaves after the headers and before the first chunk', async () => {
    const { forward, runtime, records, leave } = await serve();
    const reads = Promise.withResolvers<void>();
    runtime.forward = async (_request, { signal }) => ({
      kind: 'stream',
      chunks: (async function* () {
        reads.resolve();
        await new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(new Error('aborted')));
        });
      })(),
    });
    const refused = expect(forward()).rejects.toMatchObject({ kind: 'cancelled' });
    await reads.promise;
    leave();
    await refused;
    expect(records).toMatchObject([{ outcome: 'cancelled' }]);
  });

  it('never reads the chunks of an upstream that answers a client who has left', async () => {
    const { forward, runtime, records, leave } = await serve();
    const seen: string[] = [];
    const chunks: AsyncIterableIterator<WireChunk> = {
      next: async () => {
        seen.push('next');
        return { done: false, value: { text: 'a' } };
      },
      return: async () => {
        seen.push('return');
        return { done: true, value: undefined };
      },
      [Symbol.asyncIterator]: () => chunks,
    };
    runtime.forward = async () => {
      leave();
      return { kind: 'stream', chunks };
    };
    await expect(forward()).rejects.toMatchObject({ kind: 'cancelled' });
    expect(seen).toEqual(['return']);
    expect(records).toMatchObject([{ outcome: 'cancelled' }]);
  });

  it('closes the chunks and stops the upstream when the reader leaves in the middle', async () => {
    const { forward, runtime, records, clock } = await serve();
    let aborted = false;
    let closed = false;
    runtime.forward = async (_request, { signal }) => {
      signal.addEventListener('abort', () => {
        aborted = true;
      });
      return {
        kind: 'stream',
        chunks: (async function* () {
          try {
            yield { text: 'a' };
            yield { text: 'b' };
          } finally {
            closed = true;
          }
        })(),
      };
    };
    const chunks = chunksOf(await forward());
    await chunks.next();
    await chunks.return?.();
    expect({ aborted, closed }).toEqual({ aborted: true, closed: true });
    expect(records).toMatchObject([{ outcome: 'cancelled', status: 499, outputTokens: 1 }]);
    expect(clock.pending).toBe(0);
  });

  it('records the client that leaves although nobody reads the stream any more', async () => {
    const { forward, stream, records, leave } = await serve();
    stream(async function* () {
      yield { text: 'a' };
      await never();
    });
    await forward();
    leave();
    expect(records).toMatchObject([{ outcome: 'cancelled' }]);
  });

  it('records the deadline although nobody reads the stream any more, and not a client that leaves after it', async () => {
    const { forward, stream, records, leave, clock } = await serve();
    stream(async function* () {
      yield { text: 'a' };
      await never();
    });
    await forward();
    await clock.advance(10_000);
    expect(records).toMatchObject([{ outcome: 'timeout', status: 504, latencyMs: 10_000, outputTokens: 1 }]);
    leave();
    expect(records).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });

  it('ends a stream at the deadline', async () => {
    const { forward, runtime, records, clock } = await serve();
    runtime.forward = async (_request, { signal }) => ({
      kind: 'stream',
      chunks: (async function* () {
        yield { text: 'a' };
        await new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(new Error('aborted')));
        });
      })(),
    });
    const chunks = chunksOf(await forward());
    await chunks.next();
    const refused = expect(chunks.next()).rejects.toMatchObject({ kind: 'timeout' });
    await clock.advance(10_000);
    await refused;
    expect(records).toMatchObject([{ outcome: 'timeout', status: 504, latencyMs: 10_000, outputTokens: 1 }]);
  });
});
