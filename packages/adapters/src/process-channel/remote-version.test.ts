import type { GenerateRequest } from '@scarmonit/core/ports/model-runtime';
import { describe, expect, it } from 'vitest';
import type { PublishedVersion } from './http-process-contract.ts';
import { ItemQueue } from './item-queue.ts';
import { RemoteVersion } from './remote-version.ts';

const published = (change: Partial<PublishedVersion>): PublishedVersion => ({
  id: 7,
  spec: { model: 'chat', version: '1.0.0' } as PublishedVersion['spec'],
  state: 'loading',
  reason: undefined,
  abilities: [],
  ...change,
});

const request = { maxTokens: 5 } as GenerateRequest;

function make() {
  const asked: { readonly name: string; readonly argument: unknown }[] = [];
  const streams: ItemQueue[] = [];
  const version = new RemoteVersion(
    {
      call: async (name: string, argument: unknown) => {
        asked.push({ name, argument });
      },
      stream: (name: string, argument: unknown) => {
        asked.push({ name, argument });
        const items = new ItemQueue({ onStart: () => undefined, onTake: () => undefined, onReturn: () => undefined });
        streams.push(items);
        return items;
      },
    } as never,
    published({}),
  );
  return { version, asked, streams };
}

async function isPending(promise: Promise<unknown>): Promise<boolean> {
  let pending = true;
  void promise.then(
    () => {
      pending = false;
    },
    () => undefined,
  );
  for (let turn = 0; turn < 5; turn += 1) await undefined;
  return pending;
}

describe('a version whose engine another process runs', () => {
  it('is loaded when it is there, with what it can do there, and fails with the reason from there', async () => {
    const { version, asked } = make();
    const loading = version.load(undefined, undefined);
    expect(await isPending(loading)).toBe(true);
    version.note(published({ state: 'ready', abilities: ['embed'] }));
    const loaded = await loading;
    expect(loaded.generate).toBeUndefined();
    await loaded.embed?.(
      { input: { kind: 'texts', texts: ['a'] } },
      { signal: AbortSignal.timeout(60_000), requestId: 'r' },
    );
    expect(asked).toEqual([
      {
        name: 'embed',
        argument: { versionId: 7, request: { input: { kind: 'texts', texts: ['a'] } }, requestId: 'r' },
      },
    ]);

    const failing = make().version;
    const failed = failing.load(undefined, undefined);
    failing.note(published({ state: 'failed', reason: 'The file is damaged.' }));
    await expect(failed).rejects.toMatchObject({ kind: 'engine_failure', message: 'The file is damaged.' });
  });

  it('tells of crashes and recoveries', async () => {
    const { version } = make();
    version.note(published({ state: 'ready' }));
    const loaded = await version.load(undefined, undefined);
    const told: unknown[] = [];
    loaded.onStateChange?.((...news) => told.push(news));
    version.note(published({ state: 'restarting', reason: 'it ran out of memory' }));
    version.note(published({ state: 'restarting', reason: 'it ran out of memory' }));
    version.note(published({ state: 'ready' }));
    expect(told).toEqual([
      ['restarting', 'it ran out of memory'],
      ['ready', undefined],
    ]);
  });

  it('is unloaded when its streams have ended, also those that nobody looked at to the end', async () => {
    const { version, streams } = make();
    version.note(published({ state: 'ready', abilities: ['generate'] }));
    const loaded = await version.load(undefined, undefined);
    const leaving = new AbortController();
    const staying = new AbortController();
    const left = loaded.generate?.(request, { signal: leaving.signal })[Symbol.asyncIterator]();
    const read = loaded.generate?.(request, { signal: staying.signal })[Symbol.asyncIterator]();
    for (const stream of streams) stream.push({ type: 'start' });
    expect(await left?.next()).toEqual({ done: false, value: { type: 'start' } });
    expect(await read?.next()).toEqual({ done: false, value: { type: 'start' } });
    const unloading = loaded.unload();
    leaving.abort();
    expect(await isPending(unloading)).toBe(true);
    const finish = { type: 'finish', reason: 'stop', usage: { inputTokens: 1, outputTokens: 1 } };
    streams[1]?.push(finish);
    expect(await read?.next()).toEqual({ done: false, value: finish });
    await unloading;
  });
});
