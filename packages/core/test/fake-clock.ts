import type { Clock } from '../src/ports/clock.ts';

/** A {@link Clock} that a test moves. */
export interface FakeClock extends Clock {
  /**
   * Moves time forward and runs what falls due, in order of time, each at its own instant. Between two timers the
   * promises that were settled get to run, so that a timer set by a continuation falls due within the same call.
   */
  advance(ms: number): Promise<void>;
  /** How many timers are waiting. */
  readonly pending: number;
}

interface Timer {
  readonly dueAt: number;
  readonly run: () => void;
}

// Enough for chains of awaits as long as tests have; a macrotask would do it, but core knows none.
const MICROTASKS_BETWEEN_TIMERS = 50;

/**
 * A clock that stands still until `advance` is called.
 * @param startAt wall time in milliseconds since the Unix epoch
 */
export function createFakeClock(startAt = 1_700_000_000_000): FakeClock {
  const timers = new Set<Timer>();
  let elapsed = 0;

  const settlePromises = async () => {
    for (let turn = 0; turn < MICROTASKS_BETWEEN_TIMERS; turn += 1) await undefined;
  };
  const earliestUntil = (limit: number) => {
    let earliest: Timer | undefined;
    for (const timer of timers) {
      if (timer.dueAt <= limit && (earliest === undefined || timer.dueAt < earliest.dueAt)) earliest = timer;
    }
    return earliest;
  };

  return {
    now: () => startAt + elapsed,
    monotonicMs: () => elapsed,
    schedule(delayMs, run) {
      const timer = { dueAt: elapsed + Math.max(0, delayMs), run };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    async advance(ms) {
      const end = elapsed + ms;
      await settlePromises();
      for (let timer = earliestUntil(end); timer !== undefined; timer = earliestUntil(end)) {
        timers.delete(timer);
        elapsed = Math.max(elapsed, timer.dueAt);
        timer.run();
        await settlePromises();
      }
      elapsed = end;
    },
    get pending() {
      return timers.size;
    },
  };
}
