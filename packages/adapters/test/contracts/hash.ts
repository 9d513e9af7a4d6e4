import type { Hash } from '@scarmonit/core/ports/hash';
import { describe, expect, it } from 'vitest';

/** Texts and their SHA-256. The first four are the examples that NIST publishes beside FIPS 180-4. */
const examples: readonly (readonly [what: string, text: string, sha256: string])[] = [
  ['nothing', '', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
  ['one block', 'abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
  [
    'two blocks',
    'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq',
    '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
  ],
  ['a million letters', 'a'.repeat(1_000_000), 'cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0'],
  ['two bytes a letter', 'é', '4a99557e4033c3539de2eb65472017cad5f9557f7a0625a09f1c3f6e2ba69c4c'],
  ['four bytes a letter', '🦙', '0dfc3e20506b9682fff494faa74d82c9d090bdf9b1f03357bc56abfff8298290'],
];

/** What every hash must do. */
export function testHash(name: string, hash: Hash): void {
  describe(`hash: ${name}`, () => {
    it.each(examples)('of %s is SHA-256 in lower-case hex, at once', (_what, text, sha256) => {
      expect(hash.sha256Hex(text)).toBe(sha256);
    });

    it('takes half of a surrogate pair for U+FFFD, as the Encoding standard does', () => {
      expect(hash.sha256Hex('\ud83e')).toBe(hash.sha256Hex('\ufffd'));
    });

    it('keeps nothing from one call to the next', () => {
      const first = hash.sha256Hex('abc');
      hash.sha256Hex('something else');
      expect(hash.sha256Hex('abc')).toBe(first);
    });
  });
}
