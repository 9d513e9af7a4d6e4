import { describe, expect, it } from 'vitest';
import { toSparkline } from './to-sparkline.ts';

const size = { width: 100, height: 24 };

describe('a sparkline', () => {
  it('stands between zero and its peak, from left to right', () => {
    expect(toSparkline([0, 5, 10], undefined, size)).toEqual({
      lines: ['0,22 50,12 100,2'],
      dots: [],
      goalY: undefined,
    });
  });

  it('leaves gaps as gaps, and shows a lonely value as a dot', () => {
    const { lines, dots } = toSparkline([10, 10, null, 10, null, 5], undefined, size);
    expect(lines).toEqual(['0,2 20,2']);
    expect(dots).toEqual([
      [60, 2],
      [100, 12],
    ]);
  });

  it('makes room for a goal above its values', () => {
    const { lines, goalY } = toSparkline([5, 5], 10, size);
    expect([lines, goalY]).toEqual([['0,12 100,12'], 2]);
  });

  it('lies flat at the bottom when all is zero, and is empty without values', () => {
    expect(toSparkline([0, 0], undefined, size).lines).toEqual(['0,22 100,22']);
    expect(toSparkline([null, null], undefined, size)).toEqual({ lines: [], dots: [], goalY: undefined });
  });
});
