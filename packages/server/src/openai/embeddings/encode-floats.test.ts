import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeFloats } from './encode-floats.ts';

function decode(base64: string): number[] {
  const bytes = Buffer.from(base64, 'base64');
  return Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readFloatLE(index * 4));
}

describe('encodeFloats', () => {
  it('gives the bytes of little-endian floats', () => {
    expect(encodeFloats(Float32Array.of(1, -2))).toBe(Buffer.from([0, 0, 128, 63, 0, 0, 0, 192]).toString('base64'));
  });

  it('keeps every float', () => {
    fc.assert(
      fc.property(fc.array(fc.float({ noNaN: true })), (values) => {
        expect(decode(encodeFloats(Float32Array.from(values)))).toEqual(values);
      }),
    );
  });

  it('takes vectors of any length, and views into a larger buffer', () => {
    const all = Float32Array.from({ length: 9000 }, (_, index) => index);
    expect(decode(encodeFloats(all.subarray(1)))).toEqual([...all.subarray(1)]);
  });
});
