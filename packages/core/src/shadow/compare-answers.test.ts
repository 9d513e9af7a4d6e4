import { describe, expect, it } from 'vitest';
import { compareAnswers } from './compare-answers.ts';
import type { PlainAnswer } from './plain-answer.ts';

const text = (said: string): PlainAnswer => ({ kind: 'text', text: said });
const labels = (...all: string[]): PlainAnswer => ({ kind: 'labels', labels: all });
const vectors = (...all: number[][]): PlainAnswer => ({ kind: 'vectors', vectors: all });

describe('compareAnswers', () => {
  it.each([
    [text('Paris'), text(' paris\n'), true],
    [text('Paris'), text('Paris.'), false],
    [text(''), text(''), true],
    [labels('a', 'b'), labels('a', 'b'), true],
    [labels('a', 'b'), labels('a', 'c'), false],
    [labels('a'), labels('a', 'a'), false],
    [labels('a'), text('a'), false],
  ])('of %j and %j: %s', (stable, candidate, agree) => {
    expect(compareAnswers(stable, candidate, 0.99)).toEqual({ agree });
  });

  it('takes the cosine of the two vectors that are least alike, whatever their length', () => {
    expect(compareAnswers(vectors([1, 0], [0, 2]), vectors([3, 0], [0, 1]), 0.99)).toEqual({ agree: true, cosine: 1 });
    const tilted = compareAnswers(vectors([1, 0], [1, 0]), vectors([1, 0], [3, 4]), 0.99);
    expect(tilted.agree).toBe(false);
    expect(tilted.cosine).toBeCloseTo(0.6, 12);
    expect(compareAnswers(vectors([1, 0]), vectors([-1, 0]), 0.99).cosine).toBe(-1);
  });

  it('agrees from the bound on', () => {
    expect(compareAnswers(vectors([1, 0]), vectors([3, 4]), 0.6).agree).toBe(true);
    expect(compareAnswers(vectors([1, 0]), vectors([3, 4]), 0.61).agree).toBe(false);
  });

  it.each([
    [vectors([1, 0]), vectors([1, 0, 0])],
    [vectors([1, 0]), vectors([1, 0], [1, 0])],
    [vectors([1, 0]), vectors([0, 0])],
    [vectors([1, 0]), vectors([Number.NaN, 0])],
    [vectors(), vectors()],
  ])('has no cosine of %j and %j, which do not agree', (stable, candidate) => {
    expect(compareAnswers(stable, candidate, -1)).toEqual({ agree: false });
  });
});
