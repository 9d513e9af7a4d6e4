import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readServerSentEvents, type ServerSentEvent } from './read-server-sent-events.ts';

async function read(chunks: Iterable<Uint8Array>): Promise<ServerSentEvent[]> {
  return Array.fromAsync(
    readServerSentEvents(
      (async function* () {
        yield* chunks;
      })(),
    ),
  );
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('readServerSentEvents', () => {
  it.each(['\n', '\r\n', '\r'])('ends lines at %j', async (end) => {
    const text = ['data: a', '', 'event: error', 'data: b', 'data: c', '', ''].join(end);
    expect(await read([encode(text)])).toEqual([
      { event: 'message', data: 'a' },
      { event: 'error', data: 'b\nc' },
    ]);
  });

  it('skips comments, unknown fields, a byte order mark and events without data', async () => {
    const text = '\ufeffdata:x\n: keep-alive\nretry: 5\n\nevent: ping\n\ndata\n\n';
    expect(await read([encode(text)])).toEqual([
      { event: 'message', data: 'x' },
      { event: 'message', data: '' },
    ]);
  });

  it('drops what the connection cut off', async () => {
    expect(await read([encode('data: a\n\ndata: b')])).toEqual([{ event: 'message', data: 'a' }]);
  });

  it('hands an event on at the carriage return, without waiting for what follows', async () => {
    const events = readServerSentEvents(
      (async function* () {
        yield encode('data: a\r\r');
        throw new Error('nothing more was needed');
      })(),
    );
    expect((await events.next()).value).toEqual({ event: 'message', data: 'a' });
  });

  it('reads the same events wherever the bytes are cut, in the middle of characters and line ends too', async () => {
    const data = fc.string({ unit: 'grapheme' }).filter((text) => !/[\r\n]/.test(text));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(data, fc.constantFrom('\n', '\r\n', '\r')), { maxLength: 6 }),
        fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 }),
        async (items, sizes) => {
          const bytes = encode(items.map(([text, end]) => `data: ${text}${end}${end}`).join(''));
          const chunks: Uint8Array[] = [];
          for (let at = 0, turn = 0; at < bytes.length; turn++) {
            const size = sizes[turn % sizes.length] ?? 1;
            chunks.push(bytes.slice(at, at + size));
            at += size;
          }
          expect((await read(chunks)).map(({ data }) => data)).toEqual(items.map(([text]) => text));
        },
      ),
    );
  });
});
