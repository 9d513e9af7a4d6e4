import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../../test/fake-clock.ts';
import type { Topic } from '../ports/change-repository.ts';
import { createChangeWatch } from './watch-changes.ts';

function open() {
  const clock = createFakeClock();
  const marks: Record<Topic, string> = {
    requests: '1',
    rollouts: '1',
    receipts: '1',
    keys: '1',
    models: '1',
    alerts: '1',
    anomalies: '1',
    drift: '1',
  };
  const errors: unknown[] = [];
  const state = { looks: 0, broken: false };
  const watch = createChangeWatch({
    repository: {
      readMarks: async () => {
        state.looks += 1;
        if (state.broken) throw new Error('locked');
        return { ...marks };
      },
    },
    clock,
    everyMs: 1000,
    onError: (error) => errors.push(error),
  });
  const told: Topic[][] = [];
  const ends: string[] = [];
  const watcher = {
    changed: (topics: readonly Topic[]) => void told.push([...topics]),
    closed: () => void ends.push('closed'),
  };
  return { clock, marks, errors, state, watch, told, ends, watcher };
}

describe('the watch over changes', () => {
  it('tells what has changed, at most once a round', async () => {
    const { clock, marks, watch, told, watcher } = open();
    watch.watch('default', watcher);
    await clock.advance(1000);
    expect(told).toEqual([]);
    marks.requests = '2';
    marks.requests = '3';
    marks.keys = '2';
    await clock.advance(1000);
    expect(told).toEqual([['requests', 'keys']]);
  });

  it('looks once for all who watch, and not at all for nobody', async () => {
    const { clock, state, watch, watcher } = open();
    const stops = [watch.watch('default', watcher), watch.watch('default', { ...watcher })];
    await clock.advance(3000);
    expect(state.looks).toBe(4);
    for (const stop of stops) stop();
    await clock.advance(10_000);
    expect(state.looks).toBe(4);
    expect(clock.pending).toBe(0);
  });

  it('goes on after the store failed, and misses nothing', async () => {
    const { clock, marks, errors, state, watch, told, watcher } = open();
    watch.watch('default', watcher);
    await clock.advance(0);
    state.broken = true;
    marks.models = '2';
    await clock.advance(1000);
    state.broken = false;
    await clock.advance(1000);
    expect(errors).toHaveLength(1);
    expect(told).toEqual([['models']]);
  });

  it('ends with the host, for those who come later too', async () => {
    const { clock, watch, ends, watcher } = open();
    const stop = watch.watch('default', {
      ...watcher,
      closed: () => {
        ends.push('closed');
        stop();
      },
    });
    await clock.advance(0);
    watch.close();
    watch.watch('default', watcher);
    expect(ends).toEqual(['closed', 'closed']);
    await clock.advance(5000);
    expect(clock.pending).toBe(0);
  });
});
