import type { Clock } from '../../ports/clock.ts';

/** Time of a sandbox: it stands still until it passes, so that days of a rollout take seconds. */
export interface SandboxClock extends Clock {
  /**
   * Lets time pass. What falls due runs at its own instant, in order of time, and what follows from it at once runs
   * before the next: an answer is timed to the millisecond at which it came.
   */
  pass(ms: number): Promise<void>;
}

interface Timer {
  readonly dueAt: number;
  readonly run: () => void;
}

/**
 * As many steps of a promise chain follow from a timer before the next one. From a version's answer to the record of its
 * request there are far fewer, which the self-test's own test shows: no latency may differ from what was drawn.
 */
const stepsPerTimer = 40;

/** @param startMs milliseconds since the Unix epoch */
export function createSandboxClock(startMs: number): SandboxClock {
  // A handful: of the requests under way, since a deadline goes with its request.
  const timers = new Set<Timer>();
  let elapsedMs = 0;

  const settle = async (): Promise<void> => {
    for (let step = 0; step < stepsPerTimer; step += 1) await undefined;
  };
  const firstUntil = (endMs: number): Timer | undefined => {
    let first: Timer | undefined;
    for (const timer of timers) {
      if (timer.dueAt <= endMs && (first === undefined || timer.dueAt < first.dueAt)) first = timer;
    }
    return first;
  };

  return {
    now: () => startMs + elapsedMs,
    monotonicMs: () => elapsedMs,
    schedule: (delayMs, run) => {
      const timer = { dueAt: elapsedMs + Math.max(0, delayMs), run };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    pass: async (ms) => {
      const endMs = elapsedMs + ms;
      await settle();
      for (let timer = firstUntil(endMs); timer !== undefined; timer = firstUntil(endMs)) {
        timers.delete(timer);
        elapsedMs = timer.dueAt;
        timer.run();
        await settle();
      }
      elapsedMs = endMs;
    },
  };
}
