import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeFloats } from './decode-floats.ts';

describe('decodeFloats', () => {
  it('reads what Node writes, whatever the floats', () => {
    fc.assert(
      fc.property(fc.float32Array({ minLength: 1, maxLength: 9 }), (floats) => {
        const base64 = Buffer.from(floats.buffer).toString('base64');
        expect(decodeFloats(base64)).toEqual(floats);
        expect(decodeFloats(base64.replace(/=/g, ''))).toEqual(floats);
      }),
    );
  });

  it.each(['', '=', 'AAAA', 'AAAAA-==', 'not base64'])('takes %j for no vector', (text) => {
    expect(decodeFloats(text)).toBeUndefined();
  });
});
