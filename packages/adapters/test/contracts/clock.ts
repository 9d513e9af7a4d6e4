import type { Clock } from '@scarmonit/core/ports/clock';
import { beforeEach, describe, expect, it } from 'vitest';

export interface ClockFixture {
  readonly clock: Clock;
  /** Lets time pass until the promise is settled, whatever makes it pass. */
  pass<Value>(until: Promise<Value>): Promise<Value>;
}

/** What every clock must do. */
export function testClock(name: string, open: () => ClockFixture): void {
  describe(`clock: ${name}`, () => {
    let clock: Clock;
    let pass: ClockFixture['pass'];
    beforeEach(() => {
      ({ clock, pass } = open());
    });
    const after = (delayMs: number) => new Promise<void>((resolve) => clock.schedule(delayMs, resolve));

    it('tells wall time in milliseconds since the Unix epoch', () => {
      expect(clock.now()).toBeGreaterThan(Date.UTC(2020));
      expect(clock.now()).toBeLessThan(Date.UTC(2100));
    });

    it('tells a monotonic time that never goes back', () => {
      let latest = clock.monotonicMs();
      for (let reading = 0; reading < 10_000; reading += 1) {
        const next = clock.monotonicMs();
        expect(next).toBeGreaterThanOrEqual(latest);
        latest = next;
      }
    });

    it('measures both times in milliseconds', async () => {
      const [wall, monotonic] = [clock.now(), clock.monotonicMs()];
      await pass(after(20));
      const [passed, elapsed] = [clock.now() - wall, clock.monotonicMs() - monotonic];
      // Timers of whole milliseconds may fall due a fraction of one early.
      expect(elapsed).toBeGreaterThanOrEqual(19);
      expect(Math.abs(elapsed - passed)).toBeLessThan(10);
    });

    it('runs what is scheduled in the order in which it falls due, equal delays in the order of the calls', async () => {
      const ran: string[] = [];
      const last = new Promise<void>((resolve) => {
        clock.schedule(60, () => {
          ran.push('last');
          resolve();
        });
      });
      clock.schedule(20, () => ran.push('second'));
      clock.schedule(20, () => ran.push('third'));
      clock.schedule(1, () => ran.push('first'));
      await pass(last);
      expect(ran).toEqual(['first', 'second', 'third', 'last']);
    });

    it('runs it once, and never before the call that schedules it has returned', async () => {
      const ran: number[] = [];
      for (const delayMs of [0, -5]) clock.schedule(delayMs, () => ran.push(delayMs));
      expect(ran).toEqual([]);
      await pass(after(20));
      expect(ran).toEqual([0, -5]);
    });

    it('does not run what was cancelled, and runs its neighbours', async () => {
      const ran: string[] = [];
      const cancel = clock.schedule(2, () => ran.push('cancelled'));
      clock.schedule(2, () => ran.push('neighbour'));
      cancel();
      await pass(after(20));
      expect(ran).toEqual(['neighbour']);
    });

    it('lets what is scheduled cancel and schedule', async () => {
      const ran: string[] = [];
      let cancel = () => {};
      const nested = new Promise<void>((resolve) => {
        clock.schedule(1, () => {
          cancel();
          clock.schedule(1, resolve);
        });
      });
      cancel = clock.schedule(20, () => ran.push('cancelled'));
      await pass(nested);
      await pass(after(40));
      expect(ran).toEqual([]);
    });

    it('takes a cancellation twice or too late', async () => {
      let ran = 0;
      const cancel = clock.schedule(1, () => {
        ran += 1;
      });
      await pass(after(20));
      cancel();
      cancel();
      await pass(after(1));
      expect(ran).toBe(1);
    });
  });
}
