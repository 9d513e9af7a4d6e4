import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { integerRange, largestInteger } from './integer-range.ts';

/** The grammar's alternatives, classes and counts read the same as a regular expression once quotes and spaces go. */
function toPattern(gbnf: string): RegExp {
  return new RegExp(`^(?:${gbnf.replace(/[" ]/g, '')})$`);
}

describe('integerRange', () => {
  it('matches exactly the integers in the range', () => {
    const bound = fc.oneof(fc.integer({ min: -1200, max: 1200 }), fc.integer({ min: -1e9, max: 1e9 }));
    fc.assert(
      fc.property(bound, bound, fc.array(bound), (a, b, others) => {
        const [min, max] = [Math.min(a, b), Math.max(a, b)];
        const pattern = toPattern(integerRange(min, max));
        for (const value of [min, max, min - 1, max + 1, 0, ...others]) {
          expect(pattern.test(String(value)), `${value} in ${min}…${max}`).toBe(value >= min && value <= max);
        }
      }),
    );
  });

  it('knows neither leading zeros nor minus zero', () => {
    const pattern = toPattern(integerRange(-20, 120));
    for (const text of ['-0', '007', '00', '+1', '']) expect(pattern.test(text)).toBe(false);
  });

  it('draws wide bounds in to integers of fifteen digits', () => {
    const pattern = toPattern(integerRange(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER));
    expect(pattern.test(String(-largestInteger))).toBe(true);
    expect(pattern.test(String(largestInteger + 1))).toBe(false);
  });
});
