import type { Clock } from '@scarmonit/core/ports/clock';

/**
 * Time in a Workers isolate. It stands still while code runs and moves with each I/O
 * (developers.cloudflare.com/workers/reference/security-model). A timer belongs to the request that sets it and ends with
 * it.
 */
export function createIsolateClock(): Clock {
  return {
    now: () => Date.now(),
    monotonicMs: () => performance.now(),
    schedule(delayMs, run) {
      const timer = setTimeout(run, delayMs);
      return () => clearTimeout(timer);
    },
  };
}
