import { describe, expect, it } from 'vitest';
import { coverWindow, type Fold } from './cover-window.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

const hours = (from: number, to: number): Fold[] =>
  Array.from({ length: (to - from) / hour }, (_, index) => ({ tier: 'hour', startedAt: from + index * hour }));
const days = (...numbers: number[]): Fold[] => numbers.map((number) => ({ tier: 'day', startedAt: number * day }));

describe('the stretches that cover a window', () => {
  it('are minutes where nothing is summed up', () => {
    expect(coverWindow({ from: 0, to: 3 * day, longest: 'day' }, [])).toEqual([
      { tier: 'minute', from: 0, to: 3 * day },
    ]);
  });

  it('are days that lie in it whole, hours beside them, and minutes at the ends', () => {
    const from = 12 * hour + 30 * minute;
    const to = 3 * day + 2 * hour + 7 * minute;
    const folds = [...hours(0, 3 * day + 2 * hour), ...days(0, 1, 2)];
    expect(coverWindow({ from, to, longest: 'day' }, folds)).toEqual([
      { tier: 'minute', from, to: 13 * hour },
      { tier: 'hour', from: 13 * hour, to: day },
      { tier: 'day', from: day, to: 3 * day },
      { tier: 'hour', from: 3 * day, to: 3 * day + 2 * hour },
      { tier: 'minute', from: 3 * day + 2 * hour, to },
    ]);
  });

  it('are no longer than was asked for', () => {
    const folds = [...hours(0, day), ...days(0)];
    expect(coverWindow({ from: 0, to: day, longest: 'hour' }, folds)).toEqual([{ tier: 'hour', from: 0, to: day }]);
    expect(coverWindow({ from: 0, to: day, longest: 'minute' }, folds)).toEqual([{ tier: 'minute', from: 0, to: day }]);
  });

  it('are shorter where a longer one does not hold all yet', () => {
    const folds = [...hours(0, 5 * hour), ...hours(6 * hour, day), ...days(1)];
    expect(coverWindow({ from: 0, to: 2 * day, longest: 'all' }, folds)).toEqual([
      { tier: 'hour', from: 0, to: 5 * hour },
      { tier: 'minute', from: 5 * hour, to: 6 * hour },
      { tier: 'hour', from: 6 * hour, to: day },
      { tier: 'day', from: day, to: 2 * day },
    ]);
  });
});
