import { describe, expect, it } from 'vitest';
import { chooseTarget } from './choose-target.ts';

const target = (name: string, weight: number, inFlight = 0) => ({ name, weight, inFlight, credit: 0 });

describe('chooseTarget', () => {
  it('mixes by weight', () => {
    const targets = [target('a', 5), target('b', 1), target('c', 1)];
    const order = Array.from({ length: 7 }, () => chooseTarget(targets, 'weighted')?.name).join('');
    expect(order).toBe('aabacaa');
  });

  it('takes the least busy, and among equals by weight', () => {
    const targets = [target('a', 1, 2), target('b', 2, 1), target('c', 1, 1)];
    const order = Array.from({ length: 3 }, () => chooseTarget(targets, 'least-busy')?.name).join('');
    expect(order).toBe('bcb');
  });

  it('chooses none of none', () => {
    expect(chooseTarget([], 'weighted')).toBeUndefined();
    expect(chooseTarget([], 'least-busy')).toBeUndefined();
  });
});
