import { describe, expect, it } from 'vitest';
import { hashToUnit } from './hash-unit.ts';

/** Text whose UTF-16LE bytes are these. */
const textOf = (bytes: readonly number[]): string =>
  new TextDecoder('utf-16le', { ignoreBOM: true }).decode(Uint8Array.from(bytes));
const ascii = (text: string): readonly number[] => [...text].map((letter) => letter.charCodeAt(0));

describe('hash of a text', () => {
  // Vectors of MurmurHash3_x86_32 with an even number of bytes, as they are published for the reference implementation.
  it.each([
    [[], 0, 0],
    [[], 1, 0x514e28b7],
    [[], 0xffffffff, 0x81f16f39],
    [[0x21, 0x43, 0x65, 0x87], 0, 0xf55b516b],
    [[0x21, 0x43, 0x65, 0x87], 0x5082edee, 0x2362f9de],
    [[0x21, 0x43], 0, 0xa0f7b07a],
    [[0, 0, 0, 0], 0, 0x2362f9de],
    [[0, 0], 0, 0x30f4c306],
    [ascii('aaaa'), 0x9747b28c, 0x5a97808a],
    [ascii('aa'), 0x9747b28c, 0x5d211726],
    [ascii('abcd'), 0x9747b28c, 0xf0478627],
    [ascii('ab'), 0x9747b28c, 0x74875592],
  ])('of %j with seed %i is MurmurHash3', (bytes, seed, expected) => {
    expect(hashToUnit(textOf(bytes), seed) * 2 ** 32).toBe(expected);
  });
});
