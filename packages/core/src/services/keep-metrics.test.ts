import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../../test/fake-clock.ts';
import { dayMs, hourMs, minuteMs } from '../metrics/windows.ts';
import { startMetricsKeeper } from './keep-metrics.ts';

const start = 1_700_006_400_000;

function open(retentionDays = 30) {
  const clock = createFakeClock(start);
  const done: string[] = [];
  const errors: unknown[] = [];
  let partsLeft = 0;
  let failure: Error | undefined;
  const keeper = startMetricsKeeper({
    metrics: {
      fold: async (_projectId, now) => {
        if (failure !== undefined) throw failure;
        done.push(`fold ${(now - start) / minuteMs}`);
      },
      expire: async (_projectId, now, keepFrom) => {
        done.push(`expire ${(now - start) / minuteMs} from ${keepFrom === 0 ? 0 : (now - keepFrom) / dayMs}`);
        partsLeft -= 1;
        return partsLeft > 0;
      },
    },
    uptime: { expire: async (_projectId, endedBefore) => void done.push(`beats ${endedBefore === 0 ? 0 : 'old'}`) },
    clock,
    projectId: 'default',
    retentionDays,
    onError: (error) => errors.push(error),
  });
  return {
    clock,
    keeper,
    done,
    errors,
    leave: (parts: number): void => {
      partsLeft = parts;
    },
    fail: (error: Error | undefined): void => {
      failure = error;
    },
  };
}

describe('the keeper of figures', () => {
  it('sums up each minute, and forgets soon after a start and then each hour', async () => {
    const { clock, done } = open();
    await clock.advance(hourMs + 2 * minuteMs);
    expect(done.filter((one) => one.startsWith('fold'))).toHaveLength(62);
    expect(done.filter((one) => one.startsWith('expire'))).toEqual(['expire 1 from 30', 'expire 61 from 30']);
    expect(done.filter((one) => one.startsWith('beats'))).toEqual(['beats old', 'beats old']);
  });

  it('forgets part by part until nothing is left', async () => {
    const { clock, done, leave } = open();
    leave(3);
    await clock.advance(minuteMs);
    expect(done.filter((one) => one.startsWith('expire'))).toHaveLength(3);
  });

  it('forgets nothing where figures are kept for ever', async () => {
    const { clock, done } = open(0);
    await clock.advance(minuteMs);
    expect(done).toEqual(['fold 1', 'expire 1 from 0', 'beats 0']);
  });

  it('tells of a round that failed, and goes on', async () => {
    const { clock, done, errors, fail } = open();
    fail(new Error('The store is away.'));
    await clock.advance(2 * minuteMs);
    fail(undefined);
    await clock.advance(minuteMs);
    expect(errors).toHaveLength(2);
    expect(done[0]).toBe('fold 3');
  });

  it('does nothing once it is closed', async () => {
    const { clock, keeper, done } = open();
    await keeper.close();
    await clock.advance(hourMs);
    expect(done).toEqual([]);
  });
});
