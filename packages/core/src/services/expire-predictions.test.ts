import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../../test/fake-clock.ts';
import { expirePredictions } from './expire-predictions.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** A store with so many records that are too old, and what it was asked. */
function start(old: number, retentionDays = 30) {
  const clock = createFakeClock();
  const errors: unknown[] = [];
  const calls: { readonly ageDays: number; readonly limit: number }[] = [];
  let left = old;
  let failure: Error | undefined;
  const expiry = expirePredictions({
    clock,
    projectId: 'default',
    retentionDays,
    onError: (error) => errors.push(error),
    repository: {
      deleteBefore: async (_project, createdBefore, limit) => {
        calls.push({ ageDays: (clock.now() - createdBefore) / dayMs, limit });
        if (failure !== undefined) throw failure;
        const deleted = Math.min(limit, left);
        left -= deleted;
        return deleted;
      },
    },
  });
  const fail = (error: Error | undefined): void => {
    failure = error;
  };
  return { clock, errors, calls, expiry, fail, left: () => left };
}

describe('the expiry of request records', () => {
  it('deletes what is older than the retention, in batches, a minute after the start', async () => {
    const { clock, calls, left } = start(4_500);
    await clock.advance(minuteMs - 1);
    expect(calls).toEqual([]);
    await clock.advance(1);
    expect(left()).toBe(0);
    expect(calls).toEqual([2_000, 2_000, 2_000].map((limit) => ({ ageDays: 30, limit })));
  });

  it('runs once an hour', async () => {
    const { clock, calls } = start(0, 7);
    await clock.advance(minuteMs + 3 * hourMs);
    expect(calls).toHaveLength(4);
    expect(calls[3]?.ageDays).toBe(7);
  });

  it('reports a failure and tries again an hour later', async () => {
    const { clock, errors, calls, fail, left } = start(10);
    const failure = new Error('the disk is full');
    fail(failure);
    await clock.advance(minuteMs);
    expect(errors).toEqual([failure]);
    fail(undefined);
    await clock.advance(hourMs);
    expect(calls).toHaveLength(2);
    expect(left()).toBe(0);
  });

  it('keeps everything for ever with a retention of 0', async () => {
    const { clock, calls } = start(10, 0);
    await clock.advance(2 * dayMs);
    expect(calls).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  it('begins nothing after it was closed', async () => {
    const { clock, calls, expiry } = start(10);
    await expiry.close();
    await clock.advance(dayMs);
    expect(calls).toEqual([]);
  });
});
