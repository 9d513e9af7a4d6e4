import { mergeMetricRows } from '../metrics/merge-metric-rows.ts';
import { floorTo, hourMs, minuteMs } from '../metrics/windows.ts';
import type { MetricRow, MetricsRepository } from '../ports/metrics-repository.ts';

/** Counters give up what they could not write for an hour; what is older than this stays as it is. */
const settledAfterMs = 2 * hourMs;

/** One row for each series, of the time before `to`. */
interface Settled {
  readonly to: number;
  readonly rows: readonly MetricRow[];
}

/**
 * Reads all that was ever counted. What is settled is read once and kept as one row for each series, so that a look costs
 * the last hours and not the whole past.
 */
export class TotalsReader {
  readonly #metrics: Pick<MetricsRepository, 'list'>;
  readonly #projectId: string;
  #settled: Settled | undefined;

  constructor(metrics: Pick<MetricsRepository, 'list'>, projectId: string) {
    this.#metrics = metrics;
    this.#projectId = projectId;
  }

  /** @param now milliseconds since the Unix epoch */
  async read(now: number): Promise<readonly MetricRow[]> {
    const settled = await this.#settle(now);
    const recent = await this.#metrics.list(this.#projectId, {
      from: settled.to,
      to: floorTo(now, minuteMs) + minuteMs,
      longest: 'hour',
    });
    return [...settled.rows, ...recent];
  }

  async #settle(now: number): Promise<Settled> {
    const to = floorTo(now - settledAfterMs, hourMs);
    const before = this.#settled;
    if (before !== undefined && before.to >= to) return before;
    const window =
      before === undefined ? ({ from: 0, longest: 'all' } as const) : ({ from: before.to, longest: 'hour' } as const);
    const rows = await this.#metrics.list(this.#projectId, { ...window, to });
    const settled = { to, rows: mergeMetricRows([...(before?.rows ?? []), ...rows], 0) };
    this.#settled = settled;
    return settled;
  }
}
