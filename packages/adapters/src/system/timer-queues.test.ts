import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { TimerQueues } from './timer-queues.ts';

const delayMs = 1_000;

describe('timer queues', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('run each entry when it is due, behind one timer for all of one delay', () => {
    const queues = new TimerQueues();
    const ran: string[] = [];
    queues.schedule(delayMs, () => ran.push('first'));
    vi.advanceTimersByTime(400);
    queues.schedule(delayMs, () => ran.push('second'));
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(599);
    expect(ran).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(ran).toEqual(['first']);
    vi.advanceTimersByTime(399);
    expect(ran).toEqual(['first']);
    vi.advanceTimersByTime(1);
    expect(ran).toEqual(['first', 'second']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each([0, 1, 2])('leave out an entry that was cancelled, wherever it stands: %i', (place) => {
    const queues = new TimerQueues();
    const ran: number[] = [];
    const cancels = [0, 1, 2].map((number) => queues.schedule(delayMs, () => ran.push(number)));
    cancels[place]?.();
    cancels[place]?.();
    vi.advanceTimersByTime(delayMs);
    expect(ran).toEqual([0, 1, 2].filter((number) => number !== place));
  });

  it('wait for entries that come after all others were cancelled or have run', () => {
    const queues = new TimerQueues();
    const ran: string[] = [];
    const cancelFirst = queues.schedule(delayMs, () => ran.push('cancelled'));
    cancelFirst();
    vi.advanceTimersByTime(500);
    const cancelSecond = queues.schedule(delayMs, () => ran.push('second'));
    vi.advanceTimersByTime(delayMs);
    cancelSecond();
    queues.schedule(delayMs, () => ran.push('third'));
    vi.advanceTimersByTime(delayMs);
    expect(ran).toEqual(['second', 'third']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('may be added to by what they run', () => {
    const queues = new TimerQueues();
    const ran: string[] = [];
    queues.schedule(delayMs, () => {
      ran.push('first');
      queues.schedule(delayMs, () => ran.push('third'));
    });
    vi.advanceTimersByTime(300);
    queues.schedule(delayMs, () => ran.push('second'));
    vi.advanceTimersByTime(700);
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(300);
    expect(ran).toEqual(['first', 'second']);
    vi.advanceTimersByTime(700);
    expect(ran).toEqual(['first', 'second', 'third']);
  });

  it('run the rest after one that threw', () => {
    const queues = new TimerQueues();
    const ran: string[] = [];
    queues.schedule(delayMs, () => {
      throw new Error('mine');
    });
    queues.schedule(delayMs, () => ran.push('rest'));
    expect(() => vi.advanceTimersByTime(delayMs)).toThrow('mine');
    vi.advanceTimersByTime(2);
    expect(ran).toEqual(['rest']);
  });
});
