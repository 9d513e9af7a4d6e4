import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBoundedQueue } from './bounded-queue.ts';

describe('bounded queue', () => {
  it('hands out the oldest first and keeps them until they are confirmed', () => {
    const queue = createBoundedQueue<string>(10);
    for (const item of ['a', 'b', 'c']) queue.push(item);
    expect(queue.peek(2)).toEqual({ items: ['a', 'b'], from: 0, to: 2 });
    expect(queue.peek(2).items).toEqual(['a', 'b']);
    queue.confirm(0, 2);
    expect(queue.peek(2)).toEqual({ items: ['c'], from: 2, to: 3 });
  });

  it('drops the oldest when it is full, and counts them', () => {
    const queue = createBoundedQueue<number>(3);
    for (let number = 0; number < 5; number += 1) queue.push(number);
    expect(queue.peek(10).items).toEqual([2, 3, 4]);
    expect(queue).toMatchObject({ size: 3, dropped: 2, start: 2, end: 5 });
  });

  it('does not count what was dropped but done after all', () => {
    const queue = createBoundedQueue<number>(3);
    for (let number = 0; number < 3; number += 1) queue.push(number);
    const { from, to } = queue.peek(2);
    for (let number = 3; number < 6; number += 1) queue.push(number);
    expect(queue.dropped).toBe(3);
    queue.confirm(from, to);
    expect(queue).toMatchObject({ dropped: 1, size: 3 });
  });

  it('agrees with a plain array, whatever is done', () => {
    const steps = fc.array(
      fc.oneof(
        { weight: 20, arbitrary: fc.record({ push: fc.integer({ min: 1, max: 600 }) }) },
        { weight: 5, arbitrary: fc.record({ take: fc.integer({ min: 1, max: 900 }) }) },
        { weight: 1, arbitrary: fc.constant('clear' as const) },
      ),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(steps, (doings) => {
        const queue = createBoundedQueue<number>(2_000);
        let model: number[] = [];
        let pushed = 0;
        let taken = 0;
        for (const doing of doings) {
          if (doing === 'clear') {
            queue.clear();
            model = [];
          } else if ('push' in doing) {
            for (let count = 0; count < doing.push; count += 1) {
              queue.push(pushed);
              model.push(pushed);
              pushed += 1;
            }
            model = model.slice(-2_000);
          } else {
            const { items, from, to } = queue.peek(doing.take);
            expect(items).toEqual(model.slice(0, doing.take));
            queue.confirm(from, to);
            model = model.slice(items.length);
            taken += items.length;
          }
          expect(queue.size).toBe(model.length);
        }
        expect(queue.peek(2_000).items).toEqual(model);
        expect(queue.dropped).toBe(pushed - taken - model.length);
      }),
    );
  });
});
