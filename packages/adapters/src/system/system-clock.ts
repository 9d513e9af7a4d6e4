import type { Clock } from '@scarmonit/core/ports/clock';

/** The machine's own time. */
export function createSystemClock(): Clock {
  return {
    now: () => Date.now(),
    monotonicMs: () => performance.now(),
    schedule(delayMs, run) {
      const timer = setTimeout(run, Math.max(0, delayMs)).unref();
      return () => clearTimeout(timer);
    },
  };
}
