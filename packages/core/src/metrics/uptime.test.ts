import { describe, expect, it } from 'vitest';
import { longestGapMs, shareUp } from './uptime.ts';

const second = 1_000;
const beatEveryMs = 10 * second;
const up = (spans: readonly (readonly [number, number])[], from = 0, to = 100) =>
  shareUp(
    spans.map(([startedAt, lastAt]) => ({ startedAt: startedAt * second, lastAt: lastAt * second })),
    from * second,
    to * second,
    beatEveryMs,
  );

describe('the share of a time in which something served', () => {
  it('is what heartbeats cover, each until the next is due', () => {
    expect(up([[0, 90]])).toBe(1);
    expect(up([[0, 40]])).toBe(0.5);
    expect(up([])).toBe(0);
  });

  it('counts a gap as down', () => {
    expect(
      up([
        [0, 30],
        [60, 90],
      ]),
    ).toBe(0.8);
  });

  it('counts several processes once, in any order', () => {
    expect(
      up([
        [50, 90],
        [0, 20],
        [10, 30],
        [0, 90],
      ]),
    ).toBe(1);
    expect(
      up([
        [20, 30],
        [0, 20],
      ]),
    ).toBe(0.4);
  });

  it('looks at nothing outside of the time', () => {
    expect(up([[0, 200]], 50, 100)).toBe(1);
    expect(up([[0, 45]], 50, 100)).toBe(0.1);
  });

  it('is unknown of no time', () => {
    expect(up([[0, 90]], 5, 5)).toBeUndefined();
  });

  it('lets two heartbeats be lost', () => {
    expect(longestGapMs(beatEveryMs)).toBe(25 * second);
  });
});
