import type { BlobStore } from '@scarmonit/core/ports/blob-store';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

export interface BlobFixture {
  readonly store: BlobStore;
  close(): Promise<void>;
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

async function* inPieces(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield bytes(text);
}

/** What every blob store must do. @param open makes an empty one */
export function testBlobStore(name: string, open: () => Promise<BlobFixture>): void {
  describe(`blob store: ${name}`, () => {
    let store: BlobStore;
    let close: () => Promise<void>;
    beforeEach(async () => {
      ({ store, close } = await open());
    });
    afterEach(() => close());

    const read = async (blob: string): Promise<string | undefined> => {
      const found = await store.get(blob);
      if (found === undefined) return undefined;
      const decoder = new TextDecoder();
      let text = '';
      for await (const chunk of found.body) text += decoder.decode(chunk, { stream: true });
      return text;
    };

    it('does not know what was never put, nor a part of a name', async () => {
      expect([await store.get('a'), await store.head('a'), await store.list('', { limit: 10 })]).toEqual([
        undefined,
        undefined,
        [],
      ]);
      await store.put('a/b', bytes('x'));
      expect([await store.get('a'), await store.head('a'), await store.head('a/b/c')]).toEqual([
        undefined,
        undefined,
        undefined,
      ]);
    });

    it('gives back bytes as they were put, whole or in pieces, none at all too', async () => {
      await store.put('whole', bytes('naïve'));
      await store.put('in/pieces', inPieces('one ', '', 'two'));
      await store.put('empty', bytes(''));
      await store.put('nothing', inPieces());
      expect([await read('whole'), await read('in/pieces'), await read('empty'), await read('nothing')]).toEqual([
        'naïve',
        'one two',
        '',
        '',
      ]);
    });

    it('tells size, time and etag alike, however it is asked', async () => {
      const before = Date.now();
      const put = await store.put('a', inPieces('12', '345'));
      expect(put).toMatchObject({ name: 'a', sizeBytes: 5 });
      expect(Math.abs(put.storedAt - before)).toBeLessThan(10_000);
      expect(await store.head('a')).toEqual(put);
      const { body: _, ...got } = (await store.get('a')) ?? { body: undefined };
      expect(got).toEqual(put);
      expect(await store.list('a', { limit: 1 })).toEqual([put]);
    });

    it('replaces, and tells so by the etag', async () => {
      const first = await store.put('a', bytes('1'));
      const second = await store.put('a', bytes('2'));
      expect(second.etag).not.toBe(first.etag);
      expect(await read('a')).toBe('2');
    });

    it('goes on giving what was there when it was asked, while that is replaced and deleted', async () => {
      await store.put('a', bytes('old'));
      const found = await store.get('a');
      await store.put('a', bytes('new'));
      await store.delete('a');
      const chunks: number[] = [];
      for await (const chunk of found?.body ?? []) chunks.push(...chunk);
      expect(new TextDecoder().decode(Uint8Array.from(chunks))).toBe('old');
    });

    it('leaves what is there when a body fails in the middle', async () => {
      const failing = async function* (): AsyncGenerator<Uint8Array> {
        yield bytes('half');
        throw new Error('The source broke off.');
      };
      await store.put('a', bytes('old'));
      await expect(store.put('a', failing())).rejects.toThrow('The source broke off.');
      await expect(store.put('b', failing())).rejects.toThrow('The source broke off.');
      expect([await read('a'), await read('b')]).toEqual(['old', undefined]);
      expect((await store.list('', { limit: 10 })).map((info) => info.name)).toEqual(['a']);
    });

    it('keeps blobs that are larger than what it holds in memory', async () => {
      const megabyte = new Uint8Array(1024 * 1024).map((_, index) => index % 251);
      const large = async function* (): AsyncGenerator<Uint8Array> {
        for (let sent = 0; sent < 17; sent += 1) yield megabyte;
        yield bytes('end');
      };
      expect((await store.put('large', large())).sizeBytes).toBe(17 * megabyte.byteLength + 3);
      let size = 0;
      let last = new Uint8Array();
      for await (const chunk of (await store.get('large'))?.body ?? []) {
        size += chunk.byteLength;
        last = new Uint8Array([...last.subarray(-3), ...chunk.subarray(-3)]);
      }
      expect(size).toBe(17 * megabyte.byteLength + 3);
      expect(new TextDecoder().decode(last.subarray(-3))).toBe('end');
    });

    it('can be left in the middle of reading', async () => {
      await store.put('a', new Uint8Array(1024 * 1024));
      for await (const chunk of (await store.get('a'))?.body ?? []) {
        expect(chunk.byteLength).toBeGreaterThan(0);
        break;
      }
      await store.delete('a');
      await store.delete('a');
      expect(await store.head('a')).toBeUndefined();
    });

    it('lists by prefix, in order, page by page', async () => {
      for (const blob of ['b/2', 'a', 'b/1', 'b/10', 'bc']) await store.put(blob, bytes('x'));
      const names = async (prefix: string, page: { limit: number; after?: string }) =>
        (await store.list(prefix, page)).map((info) => info.name);
      expect(await names('', { limit: 10 })).toEqual(['a', 'b/1', 'b/10', 'b/2', 'bc']);
      expect(await names('b/', { limit: 2 })).toEqual(['b/1', 'b/10']);
      expect(await names('b/', { limit: 2, after: 'b/10' })).toEqual(['b/2']);
      expect(await names('b/1', { limit: 10 })).toEqual(['b/1', 'b/10']);
      expect(await names('c', { limit: 10 })).toEqual([]);
    });

    it.each(['', '/a', 'a/', 'a//b', '..', 'a/../b', '.hidden', 'a b', 'a\\b', 'a\0', 'x'.repeat(600)])(
      'refuses the name %j',
      async (blob) => {
        await expect(store.put(blob, bytes('x'))).rejects.toThrow('A blob cannot be named');
        await expect(store.get(blob)).rejects.toThrow('A blob cannot be named');
        await expect(store.delete(blob)).rejects.toThrow('A blob cannot be named');
      },
    );
  });
}
