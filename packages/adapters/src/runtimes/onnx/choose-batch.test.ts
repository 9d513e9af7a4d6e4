import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseBatch } from './choose-batch.ts';

describe('choosing a batch', () => {
  it('takes texts of one length together', () => {
    expect([...chooseBatch([9, 9, 9, 9])].sort()).toEqual([0, 1, 2, 3]);
  });

  it('leaves out what would only be padding for the others, or pad them', () => {
    const chosen = chooseBatch([10, 128, 11, 120, 12]);
    expect([...chosen].sort()).toEqual([0, 2, 4]);
    expect([...chooseBatch([128, 10, 120, 11])].sort()).toEqual([0, 2]);
  });

  it('takes a slightly longer text along, because a run of its own costs more than the padding', () => {
    expect([...chooseBatch([10, 14])].sort()).toEqual([0, 1]);
  });

  it('bounds the work of one inference, whatever the texts', () => {
    expect(chooseBatch(new Array<number>(64).fill(128))).toHaveLength(8);
    expect(chooseBatch([5_000, 5_000])).toEqual([0]);
  });

  it('always serves the first, and nobody twice', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 600 }), { minLength: 1, maxLength: 80 }), (lengths) => {
        const chosen = chooseBatch(lengths);
        expect(chosen).toContain(0);
        expect(new Set(chosen).size).toBe(chosen.length);
        expect(chosen.every((index) => index >= 0 && index < lengths.length)).toBe(true);
      }),
    );
  });
});
