import { describe, expect, it } from 'vitest';
import { rankLabels } from './rank-labels.ts';

describe('ranking labels', () => {
  it('turns logits into probabilities, the likeliest first', () => {
    const ranked = rankLabels(['a', 'b', 'c'], Float32Array.of(0, Math.log(3), 0));
    expect(ranked.map(({ label }) => label)).toEqual(['b', 'a', 'c']);
    expect(ranked[0]?.score).toBeCloseTo(0.6, 6);
  });

  it('does not overflow', () => {
    expect(rankLabels(['a', 'b'], Float32Array.of(1_000, 0))).toEqual([
      { label: 'a', score: 1 },
      { label: 'b', score: 0 },
    ]);
  });
});
