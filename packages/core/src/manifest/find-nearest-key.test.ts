import { describe, expect, it } from 'vitest';
import { findNearestKey } from './find-nearest-key.ts';

const known = ['task', 'goals', 'requirements', 'stable', 'versions', 'maxLatencyMs'];

describe('findNearestKey', () => {
  it.each([
    ['taks', 'task'],
    ['goal', 'goals'],
    ['version', 'versions'],
    ['max-latency-ms', 'maxLatencyMs'],
    ['Requirments', 'requirements'],
  ])('takes %s for %s', (key, expected) => {
    expect(findNearestKey(key, known)).toBe(expected);
  });

  it.each(['colour', '', 'x', 'z'.repeat(100_000)])('guesses nothing for what is far from all (%#)', (key) => {
    expect(findNearestKey(key, known)).toBeUndefined();
  });
});
