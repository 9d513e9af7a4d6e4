import { describe, expect, it } from 'vitest';
import { type KeyDraft, toNewKey } from './to-new-key.ts';

const now = 1_790_000_000_000;
const draft: KeyDraft = { name: ' ci ', scopes: ['infer'], models: '', requestsPerMinute: '', expiresInDays: '' };

describe('the form of a new key', () => {
  it('asks for no limits where its fields are empty', () => {
    expect(toNewKey(draft, now)).toEqual({ name: 'ci', scopes: ['infer'] });
  });

  it('takes models with commas between, and days from now', () => {
    const filled = { ...draft, models: 'a, b,,', requestsPerMinute: ' 60 ', expiresInDays: '2' };
    expect(toNewKey(filled, now)).toEqual({
      name: 'ci',
      scopes: ['infer'],
      models: ['a', 'b'],
      requestsPerMinute: 60,
      expiresAt: now + 2 * 86_400_000,
    });
  });

  it.each([
    [{ name: ' ' }, /name/],
    [{ scopes: [] }, /may do/],
    [{ requestsPerMinute: '0' }, /whole numbers/],
    [{ requestsPerMinute: '1.5' }, /whole numbers/],
    [{ expiresInDays: 'soon' }, /whole numbers/],
  ])('with %o says what to change', (change, words) => {
    expect(toNewKey({ ...draft, ...change }, now)).toMatch(words);
  });
});
