import type { Clock } from '../../ports/clock.ts';

/** Time of a sandbox: it stands still until it jumps, so that days of a rollout pass in a second. */
export interface SandboxClock extends Clock {
  jump(byMs: number): void;
}

/**
 * @param startMs milliseconds since the Unix epoch
 * @param real what a timer waits by: a sandbox asks for no more than a turn of the event loop
 */
export function createSandboxClock(startMs: number, real: Pick<Clock, 'schedule'>): SandboxClock {
  let elapsedMs = 0;
  return {
    now: () => startMs + elapsedMs,
    monotonicMs: () => elapsedMs,
    schedule: (_delayMs, run) => real.schedule(0, run),
    jump: (byMs) => {
      elapsedMs += byMs;
    },
  };
}
