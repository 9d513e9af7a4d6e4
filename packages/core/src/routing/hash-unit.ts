/**
 * MurmurHash3 (x86, 32 bit) of UTF-16 text as two bytes a character, put between 0 and 1. Fast and well mixed, which is
 * all that drawing lots needs; it is no secret and no signature. Public domain algorithm of Austin Appleby.
 * @returns a number from 0 up to, not including, 1
 */
export function hashToUnit(text: string, seed = 0): number {
  let hash = seed | 0;
  const { length } = text;
  const pairs = length >> 1;
  for (let index = 0; index < pairs; index += 1) {
    const block = text.charCodeAt(index * 2) | (text.charCodeAt(index * 2 + 1) << 16);
    hash ^= mixBlock(block);
    hash = Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64;
  }
  if (length & 1) hash ^= mixBlock(text.charCodeAt(length - 1));
  hash ^= length * 2;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}

function mixBlock(block: number): number {
  const mixed = Math.imul(block, 0xcc9e2d51);
  return Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593);
}
