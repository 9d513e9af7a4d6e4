import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeSecret, maskSecret, prefixOf } from './secret.ts';

const bytes = fc.uint8Array({ minLength: 32, maxLength: 32 });

describe('secret', () => {
  it('carries all 256 bits', () => {
    fc.assert(
      fc.property(bytes, (random) => {
        const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
        const text = makeSecret(() => random).slice('sk-scarmonit-'.length);
        let number = 0n;
        for (const digit of text) number = number * 62n + BigInt(digits.indexOf(digit));
        expect(number).toBe(random.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n));
      }),
    );
  });

  it('is as long for the smallest number as for the largest', () => {
    expect(makeSecret((length) => new Uint8Array(length))).toBe(`sk-scarmonit-${'0'.repeat(43)}`);
    expect(makeSecret((length) => new Uint8Array(length).fill(255))).toHaveLength(56);
  });
});

describe('prefix', () => {
  it('shows four random characters of a secret that was made here', () => {
    expect(prefixOf(`sk-scarmonit-abcd${'x'.repeat(39)}`)).toBe('sk-scarmonit-abcd');
  });

  it('never shows more than a quarter of a secret that someone chose', () => {
    fc.assert(
      fc.property(fc.string(), (secret) => {
        expect(prefixOf(secret).length).toBeLessThanOrEqual(secret.length / 4);
      }),
    );
  });
});

describe('mask', () => {
  it('shows the first five and the last four characters', () => {
    expect(maskSecret('sk-scarmonit-0123456789-a1b2')).toBe('sk-sc…a1b2');
  });

  it.each(['', 'short', 'nineteen-characters', 'line\nbreak-and-enough-characters'])(
    'shows nothing of %j',
    (secret) => {
      expect(maskSecret(secret)).toBe('…');
    },
  );

  it('never shows more than nine characters', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), (secret) => {
        expect(maskSecret(secret).replace('…', '').length).toBeLessThanOrEqual(9);
      }),
    );
  });
});
