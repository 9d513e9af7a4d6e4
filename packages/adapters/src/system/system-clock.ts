import type { Clock } from '@scarmonit/core/ports/clock';
import { TimerQueues } from './timer-queues.ts';

/** Delays from here on are mostly deadlines, which are set for every request and hardly ever met. */
const longDelayMs = 1_000;

/** The machine's own time. */
export function createSystemClock(): Clock {
  const queues = new TimerQueues();
  return {
    now: () => Date.now(),
    monotonicMs: () => performance.now(),
    schedule(delayMs, run) {
      if (delayMs >= longDelayMs) return queues.schedule(Math.ceil(delayMs), run);
      const timer = setTimeout(run, Math.max(0, delayMs)).unref();
      return () => clearTimeout(timer);
    },
  };
}
