import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventStreamParser, type ServerSentEvent } from './event-stream-parser.ts';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

function read(pieces: Iterable<Uint8Array>): ServerSentEvent[] {
  const parser = new EventStreamParser();
  return [...pieces].flatMap((piece) => parser.push(piece));
}

function* cut(bytes: Uint8Array, sizes: readonly number[]): Iterable<Uint8Array> {
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1;
    yield bytes.slice(at, at + size);
    at += size;
  }
}

describe('EventStreamParser', () => {
  it.each(['\n', '\r\n', '\r'])('ends lines at %j', (end) => {
    const text = ['data: a', '', 'event: error', 'data: b', 'data:c', '', ''].join(end);
    expect(read([encode(text)])).toEqual([
      { event: 'message', data: 'a' },
      { event: 'error', data: 'b\nc' },
    ]);
  });

  it('skips comments, unknown fields, a byte order mark and events without data', () => {
    const text = '\ufeffdata:x\n: keep-alive\nretry: 5\nid: 7\n\nevent: ping\n\ndata\n\ndata:  two spaces\n\n';
    expect(read([encode(text)]).map(({ data }) => data)).toEqual(['x', '', ' two spaces']);
  });

  it('takes a byte order mark for text where the stream does not begin', () => {
    expect(read([encode('data: \ufeffa\n\n'), encode('data: b\n\n')]).map(({ data }) => data)).toEqual([
      '\ufeffa',
      'b',
    ]);
  });

  it('drops what the connection cut off', () => {
    expect(read([encode('data: a\n\ndata: b\n')])).toEqual([{ event: 'message', data: 'a' }]);
  });

  it('hands an event on at its carriage return, without waiting for what follows', () => {
    const parser = new EventStreamParser();
    expect(parser.push(encode('data: a\r\n\r'))).toEqual([{ event: 'message', data: 'a' }]);
    expect(parser.push(encode('\ndata: b\r\n\r\n'))).toEqual([{ event: 'message', data: 'b' }]);
  });

  it('reads the same events wherever the bytes are cut, in characters and line ends too', () => {
    const end = fc.constantFrom('\n', '\r\n', '\r');
    const line = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 12 }).map((text) => `data: ${text.replace(/[\r\n]/g, '')}`),
      fc.constantFrom('', 'data', 'data:é😀', ': comment', 'event: error', 'id: 1', '\ufeff'),
    );
    fc.assert(
      fc.property(
        fc.array(fc.tuple(line, end), { maxLength: 12 }),
        fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 }),
        (lines, sizes) => {
          const bytes = encode(lines.map((parts) => parts.join('')).join(''));
          expect(read(cut(bytes, sizes))).toEqual(read([bytes]));
        },
      ),
    );
  });

  it('decodes any bytes as a decoder of the whole does, wherever they are cut', () => {
    // Line ends would end the data; every other byte may come, valid UTF-8 or not.
    const byte = fc.oneof(
      fc.integer({ min: 0x80, max: 0xff }),
      fc.constantFrom(0xe2, 0x82, 0xac, 0xf0, 0x9f, 0x98, 0x80, 0x61),
    );
    fc.assert(
      fc.property(
        fc.array(byte, { maxLength: 24 }),
        fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1 }),
        (body, sizes) => {
          const bytes = Uint8Array.from([...encode('data:a'), ...body, ...encode('z\n\n')]);
          const whole = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(5, -2));
          expect(read(cut(bytes, sizes)).map(({ data }) => data)).toEqual([whole]);
        },
      ),
    );
  });

  it('refuses a line that never ends, and takes a long one in linear time', () => {
    const parser = new EventStreamParser();
    const piece = encode('x'.repeat(64 * 1024));
    parser.push(encode('data: '));
    for (let turn = 0; turn < 250; turn++) parser.push(piece);
    expect(parser.push(encode('\n\n'))[0]?.data).toHaveLength(250 * 64 * 1024);
    expect(() => {
      for (let turn = 0; turn < 257; turn++) parser.push(piece);
    }).toThrow('16 Mi');
  });
});
