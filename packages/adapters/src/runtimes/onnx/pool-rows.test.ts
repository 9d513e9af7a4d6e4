import { describe, expect, it } from 'vitest';
import { poolRows } from './pool-rows.ts';

// Two rows of three tokens with vectors of two values; the second row has one token and two of padding.
const tokens = { data: Float32Array.of(1, 2, 3, 4, 5, 9, 7, 8, 100, 100, 100, 100), dims: [2, 3, 2] };

describe('pooling', () => {
  it('by mean leaves the padding out', () => {
    expect(poolRows(tokens, [3, 1], 'mean', false)).toEqual({ values: Float32Array.of(3, 5, 7, 8), width: 2 });
  });

  it('by cls takes the first token', () => {
    expect(poolRows(tokens, [3, 1], 'cls', false).values).toEqual(Float32Array.of(1, 2, 7, 8));
  });

  it('by none takes what the graph has pooled', () => {
    const pooled = { data: Float32Array.of(3, 4, 0, 0), dims: [2, 2] };
    expect(poolRows(pooled, [3, 1], 'none', true).values).toEqual(Float32Array.of(3 / 5, 4 / 5, 0, 0));
  });

  it('says what is wrong with an output of another shape', () => {
    expect(() => poolRows(tokens, [3, 1], 'none', false)).toThrow(
      'with pooling "none" the output must have 2 dimensions, but its shape is [2,3,2]',
    );
  });
});
