import { describe, expect, it } from 'vitest';
import { plainAnswerDigest } from './plain-answer.ts';

/** Shows what is hashed. */
const hash = { sha256Hex: (text: string) => `sha256(${text})` };

describe('plainAnswerDigest', () => {
  it('is the same for a class, for a text that says it, and for the label that somebody wrote', () => {
    expect(plainAnswerDigest({ kind: 'labels', labels: ['POSITIVE'] }, hash)).toBe('sha256(positive)');
    expect(plainAnswerDigest({ kind: 'text', text: ' Positive\n' }, hash)).toBe('sha256(positive)');
    expect(plainAnswerDigest('positive', hash)).toBe('sha256(positive)');
  });

  it('takes runs of white space for one space', () => {
    expect(plainAnswerDigest({ kind: 'text', text: 'New \n\t York' }, hash)).toBe('sha256(new york)');
  });

  it('keeps the labels of several inputs apart', () => {
    expect(plainAnswerDigest({ kind: 'labels', labels: ['A', 'B'] }, hash)).toBe('sha256(a\nb)');
  });

  it('does not exist of vectors', () => {
    expect(plainAnswerDigest({ kind: 'vectors', vectors: [[1, 2]] }, hash)).toBeUndefined();
  });
});
