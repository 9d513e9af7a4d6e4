import { setImmediate as nextTurn } from 'node:timers/promises';
import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import { describe, expect, it } from 'vitest';
import type { Handlers } from './contract.ts';
import { joinEnds } from './fixtures/join-ends.ts';
import { itemWindow } from './messages.ts';
import { openProcessChannel } from './process-channel.ts';

type Contract = {
  readonly calls: {
    double(value: number): number;
    refuse(kind: 'known' | 'unknown'): never;
    wait(_: undefined): never;
  };
  readonly streams: { count(to: number): number; silent(_: undefined): never };
  readonly tells: { note(text: string): void };
};
type None = Readonly<Record<never, never>>;
type Nothing = { readonly calls: None; readonly streams: None; readonly tells: None };

function open() {
  const ends = joinEnds();
  const seen = { notes: [] as string[], made: 0, left: [] as string[] };
  const untilLeft = (name: string, signal: AbortSignal): Promise<never> =>
    new Promise((_, reject) => {
      signal.addEventListener('abort', () => {
        seen.left.push(name);
        reject(signal.reason);
      });
    });
  const handlers: Handlers<Contract> = {
    calls: {
      double: (value) => value * 2,
      refuse: (kind) => {
        if (kind === 'unknown') throw new TypeError('a fault');
        throw new ScarmonitError('overloaded', 'Too much.', { code: 'full', retryAfterMs: 7 });
      },
      wait: (_, { signal }) => untilLeft('call', signal),
    },
    streams: {
      count: async function* (to) {
        for (let item = 1; item <= to; item += 1) {
          seen.made = item;
          yield item;
        }
      },
      silent: async function* (_, { signal }) {
        yield await untilLeft('stream', signal);
      },
    },
    tells: { note: (text) => void seen.notes.push(text) },
  };
  openProcessChannel<Contract, Nothing>(ends.one, () => handlers);
  const channel = openProcessChannel<Nothing, Contract>(ends.other, () => ({ calls: {}, streams: {}, tells: {} }));
  return { ...ends, seen, channel };
}

describe('a process channel', () => {
  it('carries all that one turn asks in one transmission, and each answer to its question', async () => {
    const { channel, one, other, seen } = open();
    channel.tell('note', 'first');
    const answers = await Promise.all([1, 2, 3].map((value) => channel.call('double', value)));
    expect(answers).toEqual([2, 4, 6]);
    expect(seen.notes).toEqual(['first']);
    expect([one.sent, other.sent]).toEqual([1, 1]);
  });

  it('throws on the asking side what was thrown on the other', async () => {
    const { channel } = open();
    await expect(channel.call('refuse', 'known')).rejects.toMatchObject({
      kind: 'overloaded',
      message: 'Too much.',
      code: 'full',
      retryAfterMs: 7,
    });
    await expect(channel.call('refuse', 'unknown')).rejects.toMatchObject({ kind: 'internal', message: 'a fault' });
    await expect(channel.call('toString' as 'wait', undefined)).rejects.toMatchObject({ kind: 'internal' });
  });

  it('lets a stream run ahead of its reader by its window and no further', async () => {
    const { channel, seen } = open();
    const items = channel.stream('count', 1_000);
    expect(await items.next()).toEqual({ done: false, value: 1 });
    for (let turn = 0; turn < 50; turn += 1) await nextTurn();
    expect(seen.made).toBe(itemWindow + 1);
    let last = 1;
    for await (const item of items) {
      expect(item).toBe(last + 1);
      last = item;
    }
    expect(last).toBe(1_000);
  });

  it('tells the other side at once when the asking side leaves', async () => {
    const { channel, seen } = open();
    const leaving = new AbortController();
    const call = channel.call('wait', undefined, leaving.signal);
    const read = channel.stream('silent', undefined, leaving.signal).next();
    const returned = channel.stream('silent', undefined);
    const pending = returned.next();
    await nextTurn();
    await nextTurn();
    leaving.abort();
    await returned.return?.();
    await expect(call).rejects.toMatchObject({ kind: 'cancelled' });
    await expect(read).rejects.toMatchObject({ kind: 'cancelled' });
    expect(await pending).toEqual({ done: true, value: undefined });
    await expect.poll(() => seen.left.toSorted()).toEqual(['call', 'stream', 'stream']);
    await expect(channel.call('double', 1, leaving.signal)).rejects.toMatchObject({ kind: 'cancelled' });
  });

  it('fails everything when the other process is gone, and lets go of what it was asked', async () => {
    const { channel, seen, cut } = open();
    const call = channel.call('wait', undefined);
    const read = channel.stream('silent', undefined).next();
    const failed = Promise.allSettled([call, read]);
    await nextTurn();
    await nextTurn();
    cut();
    for (const outcome of await failed) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { kind: 'not_ready' } });
    }
    expect(seen.left.toSorted()).toEqual(['call', 'stream']);
    await expect(channel.call('double', 1)).rejects.toMatchObject({ kind: 'not_ready' });
  });
});
