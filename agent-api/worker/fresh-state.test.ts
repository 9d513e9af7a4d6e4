import { createFakeClock } from '@scarmonit/core/test/fake-clock';
import { describe, expect, it } from 'vitest';
import { FreshState } from './fresh-state.ts';

function open(refresh: () => Promise<void>) {
  const clock = createFakeClock();
  const behind: Promise<unknown>[] = [];
  const errors: unknown[] = [];
  let refreshes = 0;
  const state = new FreshState({
    clock,
    refresh: () => {
      refreshes += 1;
      return refresh();
    },
    waitUntil: (work) => behind.push(work),
    onError: (error) => errors.push(error),
  });
  return { clock, state, behind, errors, count: () => refreshes };
}

describe('the state of an isolate', () => {
  it('is read once for requests that come close together', async () => {
    const { state, count, clock } = open(async () => undefined);
    await state.ensure();
    await clock.advance(2_000);
    await state.ensure();
    expect(count()).toBe(1);
  });

  it('is read again behind an answer while it ages, and before an answer when it is 5 s old', async () => {
    const { state, count, clock, behind } = open(async () => undefined);
    await state.ensure();
    await clock.advance(3_000);
    await state.ensure();
    expect([count(), behind.length]).toEqual([2, 1]);
    await Promise.all(behind);
    await clock.advance(5_000);
    await state.ensure();
    expect([count(), behind.length]).toEqual([3, 1]);
  });

  it('counts its age from before the store was asked', async () => {
    let release = (): void => undefined;
    const { state, count, clock } = open(() => new Promise((resolve) => (release = resolve)));
    const first = state.ensure();
    await clock.advance(2_900);
    release();
    await first;
    await clock.advance(2_100);
    const second = state.ensure();
    expect(count()).toBe(2);
    release();
    await second;
  });

  it('is asked for once by requests that come at once', async () => {
    let release = (): void => undefined;
    const { state, count } = open(() => new Promise((resolve) => (release = resolve)));
    const waiting = Array.from({ length: 50 }, () => state.ensure());
    release();
    await Promise.all(waiting);
    expect(count()).toBe(1);
  });

  it('is read by the next request when the one that read it was cut off', async () => {
    const never = new Promise<void>(() => undefined);
    let answers = [never, Promise.resolve()];
    const { state, clock, count } = open(() => {
      const [next = Promise.resolve(), ...rest] = answers;
      answers = rest;
      return next;
    });
    void state.ensure().catch(() => undefined);
    const second = state.ensure();
    await clock.advance(1_000);
    await second;
    expect(count()).toBe(2);
  });

  it('throws while it was never read, and goes on with what is known when it was', async () => {
    let isBroken = true;
    const { state, clock, errors, count } = open(async () => {
      if (isBroken) throw new Error('D1 is away');
    });
    await expect(state.ensure()).rejects.toThrow('D1 is away');
    expect(state.isSound).toBe(false);
    isBroken = false;
    await state.ensure();
    expect(state.isSound).toBe(true);
    isBroken = true;
    await clock.advance(6_000);
    await expect(state.ensure()).resolves.toBeUndefined();
    expect(state.isSound).toBe(false);
    // It is not asked with every request while it is away.
    await state.ensure();
    expect([count(), errors.length]).toEqual([3, 2]);
  });

  it('waits 3 s for the store and no longer', async () => {
    const { state, clock } = open(() => new Promise(() => undefined));
    const reading = expect(state.ensure()).rejects.toThrow('did not answer within 3000 ms');
    await clock.advance(3_000);
    await reading;
  });
});
