import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { ProcessFigures } from '@scarmonit/core/telemetry/describe-processes';

type OwnFigures = Omit<ProcessFigures, 'process' | 'recordsWaiting' | 'recordsDropped'>;

/** How often the lag is looked at, and how long a look back goes at the least. */
const resolutionMs = 20;
const shortestWindowMs = 10_000;
const nanosecondsPerSecond = 1e9;

/**
 * Measures the process that calls it. The lag of its event loop is watched from the first call on: who never asks pays
 * nothing.
 */
export function createProcessMeter(): () => OwnFigures {
  let watch: ReturnType<typeof monitorEventLoopDelay> | undefined;
  let since = 0;

  const readLag = (): OwnFigures['eventLoopLag'] => {
    if (watch === undefined) {
      watch = monitorEventLoopDelay({ resolution: resolutionMs });
      watch.enable();
      since = performance.now();
      return undefined;
    }
    if (watch.count === 0) return undefined;
    // What it measures is the time between its own timers.
    const lagOf = (nanoseconds: number): number =>
      Math.max(0, nanoseconds / nanosecondsPerSecond - resolutionMs / 1_000);
    const lag = {
      median: lagOf(watch.percentile(50)),
      p99: lagOf(watch.percentile(99)),
      longest: lagOf(watch.max),
    };
    if (performance.now() - since >= shortestWindowMs) {
      watch.reset();
      since = performance.now();
    }
    return lag;
  };

  return () => {
    const { rss, heapUsed } = process.memoryUsage();
    const { user, system } = process.cpuUsage();
    const eventLoopLag = readLag();
    return {
      residentBytes: rss,
      heapUsedBytes: heapUsed,
      cpuSeconds: (user + system) / 1e6,
      startedAtSeconds: performance.timeOrigin / 1_000,
      ...(eventLoopLag === undefined ? {} : { eventLoopLag }),
    };
  };
}
