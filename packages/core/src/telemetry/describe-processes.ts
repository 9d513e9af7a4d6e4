import { type MetricFamily, toFamily } from './metric-family.ts';

/** What one process of the host says of itself. */
export interface ProcessFigures {
  /** From a bounded set: `primary`, `http-1`, `http-2`, … */
  readonly process: string;
  readonly residentBytes: number;
  readonly heapUsedBytes: number;
  /** Since the process began. */
  readonly cpuSeconds: number;
  /** Seconds since the Unix epoch. */
  readonly startedAtSeconds: number;
  /** How much later than due timers ran lately, in seconds; absent before anything was measured. */
  readonly eventLoopLag?: { readonly median: number; readonly p99: number; readonly longest: number };
  /** Request records that are not written yet, and those that were given up. */
  readonly recordsWaiting: number;
  readonly recordsDropped: number;
  /** What it has in flight at upstreams, which each process asks by itself; absent for the one that exposes the figures. */
  readonly upstreams?: readonly UpstreamFigures[];
}

export interface UpstreamFigures {
  readonly model: string;
  readonly version: string;
  readonly running: number;
  readonly slots: number;
}

/** The processes that answer requests, by their places and not by their ids, so that a restarted one is the same. */
export function describeProcesses(figures: readonly ProcessFigures[]): readonly MetricFamily[] {
  const family = (
    name: string,
    type: MetricFamily['type'],
    help: string,
    read: (figures: ProcessFigures) => number,
  ): MetricFamily =>
    toFamily(
      name,
      type,
      help,
      figures.map((one) => [{ process: one.process }, read(one)]),
    );
  return [
    family(
      'scarmonit_process_resident_memory_bytes',
      'gauge',
      'Memory of the process, its engines not included.',
      ({ residentBytes }) => residentBytes,
    ),
    family(
      'scarmonit_process_heap_used_bytes',
      'gauge',
      'JavaScript heap that is in use.',
      ({ heapUsedBytes }) => heapUsedBytes,
    ),
    family('scarmonit_process_cpu_seconds', 'counter', 'CPU time of the process.', ({ cpuSeconds }) => cpuSeconds),
    family(
      'scarmonit_process_start_time_seconds',
      'gauge',
      'When the process began, in seconds since the Unix epoch.',
      ({ startedAtSeconds }) => startedAtSeconds,
    ),
    toFamily(
      'scarmonit_process_event_loop_lag_seconds',
      'gauge',
      'How much later than due timers ran lately: the median, the 99th percentile, the longest.',
      figures.flatMap(({ process, eventLoopLag: lag }) => [
        [{ process, figure: 'median' }, lag?.median],
        [{ process, figure: 'p99' }, lag?.p99],
        [{ process, figure: 'longest' }, lag?.longest],
      ]),
    ),
    family(
      'scarmonit_records_waiting',
      'gauge',
      'Request records that are not written yet.',
      ({ recordsWaiting }) => recordsWaiting,
    ),
    family(
      'scarmonit_records_dropped',
      'counter',
      'Request records that were given up because the store did not take them.',
      ({ recordsDropped }) => recordsDropped,
    ),
  ];
}
