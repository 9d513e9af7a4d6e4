import { describe, expect, it } from 'vitest';
import { UndoStack } from './undo-stack.ts';

describe('undoing a start', () => {
  it('takes the steps in reverse order, each after the one before has ended, once', async () => {
    const taken: string[] = [];
    const undo = new UndoStack();
    undo.push(() => void taken.push('first'));
    undo.push(async () => {
      await undefined;
      taken.push('second');
    });
    await Promise.all([undo.unwind(), undo.unwind()]);
    await undo.unwind();
    expect(taken).toEqual(['second', 'first']);
  });

  it('takes every step when some fail, and tells the first failure at the end', async () => {
    const taken: string[] = [];
    const undo = new UndoStack();
    undo.push(() => void taken.push('first'));
    undo.push(() => Promise.reject(new Error('later')));
    undo.push(() => {
      throw new Error('sooner');
    });
    await expect(undo.unwind()).rejects.toThrow('sooner');
    expect(taken).toEqual(['first']);
  });
});
