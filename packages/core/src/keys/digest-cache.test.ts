import { describe, expect, it } from 'vitest';
import { createDigestCache } from './digest-cache.ts';

function open() {
  const hashed: string[] = [];
  const cache = createDigestCache({
    sha256Hex: (text) => {
      hashed.push(text);
      return `hash of ${text}`;
    },
  });
  return { cache, hashed };
}

describe('the cache of digests', () => {
  it('hashes a secret that was kept no more', () => {
    const { cache, hashed } = open();
    cache.keep('a', cache.digest('a'));
    expect(cache.digest('a')).toBe('hash of a');
    expect(hashed).toEqual(['a']);
  });

  it('keeps nothing that it was not told to', () => {
    const { cache, hashed } = open();
    cache.digest('stranger');
    cache.digest('stranger');
    expect(hashed).toEqual(['stranger', 'stranger']);
  });

  it('forgets the oldest of more than a thousand', () => {
    const { cache, hashed } = open();
    for (let index = 0; index <= 1_000; index += 1) cache.keep(`${index}`, `hash of ${index}`);
    cache.digest('1');
    cache.digest('0');
    expect(hashed).toEqual(['0']);
  });
});
