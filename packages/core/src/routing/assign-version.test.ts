import { describe, expect, it } from 'vitest';
import { type AssignmentKeys, assignVersion } from './assign-version.ts';
import type { Traffic } from './traffic.ts';

const traffic = (changes: Partial<Traffic> = {}): Traffic => ({
  model: 'chat',
  revision: 2,
  stable: '1.0.0',
  candidate: '1.1.0',
  weight: 0.25,
  shadow: 0,
  sticky: 'none',
  salt: 'salt',
  rolloutId: 'r1',
  decidedBy: 'controller',
  reason: '',
  createdAt: 0,
  ...changes,
});
const keys = (number: number, changes: Partial<AssignmentKeys> = {}): AssignmentKeys => ({
  requestId: `req_${number}`,
  keyId: `key_${number % 500}`,
  header: () => undefined,
  ...changes,
});
const shareOf = (changes: Partial<Traffic>, requests = 40_000): number => {
  let taken = 0;
  for (let number = 0; number < requests; number += 1) {
    if (assignVersion(traffic(changes), keys(number)).arm === 'candidate') taken += 1;
  }
  return taken / requests;
};
const candidatesAmongKeys = (changes: Partial<Traffic>): ReadonlySet<string> =>
  new Set(
    Array.from({ length: 2_000 }, (_, number) => `key_${number}`).filter(
      (keyId) => assignVersion(traffic({ sticky: 'key', ...changes }), keys(1, { keyId })).arm === 'candidate',
    ),
  );

describe('assignVersion', () => {
  it.each([0.01, 0.05, 0.25, 0.5, 0.9])('gives the candidate a share of %f within statistical error', (weight) => {
    const standardError = Math.sqrt((weight * (1 - weight)) / 40_000);
    expect(Math.abs(shareOf({ weight }) - weight)).toBeLessThan(4 * standardError);
  });

  it('gives all or nothing at the ends, and nothing without a candidate', () => {
    expect(shareOf({ weight: 0 }, 2_000)).toBe(0);
    expect(shareOf({ weight: 1 }, 2_000)).toBe(1);
    const { candidate: _, ...stableOnly } = traffic();
    expect(assignVersion({ ...stableOnly, weight: 1 }, keys(1))).toEqual({ version: '1.0.0', arm: 'stable' });
  });

  it('decides the same for the same request, and anew under another salt', () => {
    const first = Array.from({ length: 200 }, (_, number) => assignVersion(traffic(), keys(number)).arm);
    const again = Array.from({ length: 200 }, (_, number) => assignVersion(traffic(), keys(number)).arm);
    const salted = Array.from(
      { length: 200 },
      (_, number) => assignVersion(traffic({ salt: 'other' }), keys(number)).arm,
    );
    expect(again).toEqual(first);
    expect(salted).not.toEqual(first);
  });

  it('keeps a sticky key with one version within a step', () => {
    const arms = new Map<string, Set<string>>();
    for (let number = 0; number < 5_000; number += 1) {
      const { arm, stickyKey = '' } = assignVersion(traffic({ sticky: 'key' }), keys(number));
      arms.set(stickyKey, (arms.get(stickyKey) ?? new Set()).add(arm));
    }
    expect(arms.size).toBe(500);
    expect([...arms.values()].every(({ size }) => size === 1)).toBe(true);
  });

  it('keeps the candidate for a sticky key when the weight rises', () => {
    let before: ReadonlySet<string> = new Set();
    for (const weight of [0.01, 0.05, 0.25, 0.5, 1]) {
      const now = candidatesAmongKeys({ weight });
      expect(now.isSupersetOf(before)).toBe(true);
      expect(now.size).toBeGreaterThan(before.size);
      before = now;
    }
  });

  it('is sticky by what the traffic names, and by the API key where that is missing', () => {
    const header = (name: string) => (name === 'x-tenant' ? 'acme' : undefined);
    const stickyKeyOf = (sticky: Traffic['sticky'], changes: Partial<AssignmentKeys>) =>
      assignVersion(traffic({ sticky }), keys(1, changes)).stickyKey;
    expect(stickyKeyOf('none', { user: 'ann', header })).toBeUndefined();
    expect(stickyKeyOf('key', { user: 'ann', header })).toBe('key_1');
    expect(stickyKeyOf('user', { user: 'ann', header })).toBe('ann');
    expect(stickyKeyOf('user', { header })).toBe('key_1');
    expect(stickyKeyOf('header:X-Tenant', { header })).toBe('acme');
    expect(stickyKeyOf('header:X-Other', { header })).toBe('key_1');
  });
});
