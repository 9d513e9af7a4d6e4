import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import type { GenerateEvent, Usage } from '@scarmonit/core/ports/model-runtime';
import { describe, expect, it } from 'vitest';
import { toByteStream } from '../http/to-response.ts';
import type { GenerateEncoder } from './generate-encoder.ts';
import { GenerationStream } from './generation-stream.ts';

const usage: Usage = { inputTokens: 5, outputTokens: 2 };
const text = (piece: string): GenerateEvent => ({ type: 'text', text: piece });
const finish: GenerateEvent = { type: 'finish', reason: 'stop', usage };

/** Shows what happens as plainly as can be. */
const encoder: GenerateEncoder = {
  encode: (event) => (event.type === 'text' ? event.text : ''),
  end: () => '<end>',
  fail: ({ code }) => `<${code}>`,
};

/** Events that a test hands over one by one, and sees asked for. */
function createSource() {
  const asked: PromiseWithResolvers<IteratorResult<GenerateEvent>>[] = [];
  const given: Promise<IteratorResult<GenerateEvent>>[] = [];
  const firstAsked = Promise.withResolvers<void>();
  let returned = 0;
  const settle = (index: number) => {
    asked[index] ??= Promise.withResolvers();
    return asked[index];
  };
  let handed = 0;
  const events: AsyncIterable<GenerateEvent> = {
    [Symbol.asyncIterator]: () => ({
      next: () => {
        const { promise } = settle(given.length);
        given.push(promise);
        firstAsked.resolve();
        return promise;
      },
      return: async () => {
        returned += 1;
        return { done: true, value: undefined };
      },
    }),
  };
  const hand = (result: IteratorResult<GenerateEvent>) => {
    settle(handed).resolve(result);
    handed += 1;
  };
  return {
    events,
    give: (event: GenerateEvent) => hand({ done: false, value: event }),
    end: () => hand({ done: true, value: undefined }),
    break: (error: unknown) => {
      settle(handed).reject(error);
      handed += 1;
    },
    firstAsked: firstAsked.promise,
    timesAsked: () => given.length,
    timesReturned: () => returned,
  };
}

function open(events: AsyncIterable<GenerateEvent>) {
  const settled: number[] = [];
  const reported: unknown[] = [];
  const source = new GenerationStream(events, encoder, {
    settle: (usedTokens) => settled.push(usedTokens),
    estimatedTokens: 10,
    report: (error) => reported.push(error),
  });
  const reader = toByteStream(source).getReader();
  const decoder = new TextDecoder();
  const read = async () => {
    const { done, value } = await reader.read();
    return done ? undefined : decoder.decode(value);
  };
  return { read, cancel: () => reader.cancel(), settled, reported };
}

describe('a streamed generation', () => {
  it('asks for nothing before it is read', () => {
    const source = createSource();
    open(source.events);
    expect(source.timesAsked()).toBe(0);
  });

  it('holds at most one event ahead of a reader that stops reading', async () => {
    const source = createSource();
    const stream = open(source.events);
    source.give(text('a'));
    expect(await stream.read()).toBe('a');
    expect(source.timesAsked()).toBe(2);
  });

  it('writes what is ready at once together, and waits for nothing else', async () => {
    const source = createSource();
    const stream = open(source.events);
    for (const piece of ['a', 'b', 'c']) {
      source.give(text(piece));
    }
    expect(await stream.read()).toBe('abc');
    const next = stream.read();
    source.give(text('d'));
    expect(await next).toBe('d');
  });

  it('breaks long bursts into writes of bounded size', async () => {
    const source = createSource();
    const stream = open(source.events);
    const piece = 'x'.repeat(40_000);
    for (let count = 0; count < 3; count += 1) {
      source.give(text(piece));
    }
    expect(await stream.read()).toHaveLength(80_000);
    expect(await stream.read()).toHaveLength(40_000);
  });

  it('ends after the last event and settles with the exact usage', async () => {
    const source = createSource();
    const stream = open(source.events);
    source.give({ type: 'start' });
    source.give(text('a'));
    source.give(finish);
    source.end();
    expect(await stream.read()).toBe('a<end>');
    expect(await stream.read()).toBeUndefined();
    expect(stream.settled).toEqual([7]);
    expect(source.timesReturned()).toBe(0);
  });

  it('tells a failure in the stream after what came before it, and ends', async () => {
    const source = createSource();
    const stream = open(source.events);
    const failure = new ScarmonitError('engine_failure', 'It crashed.');
    source.give(text('a'));
    source.break(failure);
    expect(await stream.read()).toBe('a<engine_failure>');
    expect(await stream.read()).toBeUndefined();
    expect(stream.reported).toEqual([failure]);
    expect(stream.settled).toEqual([11]);
  });

  it('takes events that stop without a finish for a failure', async () => {
    const source = createSource();
    const stream = open(source.events);
    source.give(text('a'));
    source.end();
    expect(await stream.read()).toBe('a<engine_failure>');
  });

  it('stops the work when it is cancelled while an event is awaited', async () => {
    const source = createSource();
    const stream = open(source.events);
    const pending = stream.read();
    await source.firstAsked;
    await stream.cancel();
    expect(await pending).toBeUndefined();
    expect(source.timesReturned()).toBe(1);
    // The engine's answer to being stopped comes too late to be written.
    source.break(new Error('stopped'));
    expect(stream.reported).toEqual([]);
    expect(stream.settled).toEqual([10]);
  });

  it('settles a cancelled stream with what is known to be used', async () => {
    const source = createSource();
    const stream = open(source.events);
    source.give(text('a'));
    source.give(text('b'));
    await stream.read();
    await stream.cancel();
    expect(stream.settled).toEqual([12]);
  });
});
