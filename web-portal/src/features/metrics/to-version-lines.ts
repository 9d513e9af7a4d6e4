import type { MetricsPointView, MetricsSeriesView } from '@scarmonit/protocol/admin/metrics';
import { formatDuration, formatNumber, formatShare } from '../../format/format-number.ts';

/** What a chart can show. */
export type ChartMeasure = 'latency' | 'firstToken' | 'errorRate' | 'throughput';

/** One line of a version: how it is called, and how heavy it is drawn. */
interface MeasureLine {
  readonly title: string;
  /** 0: only the edge of the version's band. */
  readonly width: 0 | 1 | 2;
  read(point: MetricsPointView, stepMs: number): number | null;
}

interface MeasureShape {
  readonly title: string;
  readonly lines: readonly MeasureLine[];
  format(value: number): string;
  /** Where a goal stands, by its name in the manifest. */
  readonly goal: string;
}

export const measures: Readonly<Record<ChartMeasure, MeasureShape>> = {
  latency: {
    title: 'Latency',
    format: formatDuration,
    goal: 'maxLatencyMs',
    lines: [
      { title: 'P50', width: 1, read: (point) => point.latencyP50Ms },
      { title: 'P95', width: 2, read: (point) => point.latencyP95Ms },
      { title: 'P99', width: 0, read: (point) => point.latencyP99Ms },
    ],
  },
  firstToken: {
    title: 'First token',
    format: formatDuration,
    goal: 'maxTimeToFirstTokenMs',
    lines: [{ title: 'P95', width: 2, read: (point) => point.firstTokenP95Ms }],
  },
  errorRate: {
    title: 'Errors',
    format: formatShare,
    goal: 'maxErrorRate',
    lines: [{ title: '', width: 2, read: (point) => point.errorRate }],
  },
  throughput: {
    title: 'Requests',
    format: (perSecond) => `${formatNumber(perSecond)}\u00a0req/s`,
    goal: 'targetThroughputRps',
    lines: [{ title: '', width: 2, read: ({ requests }, stepMs) => requests / (stepMs / 1000) }],
  },
};

export const defaultMeasure: ChartMeasure = 'latency';

export const measureOptions = Object.entries(measures).map(([value, { title }]) => ({
  value: value as ChartMeasure,
  title,
}));

/** A measure out of an address; undefined when it is none, or the one that is shown anyway. */
export function readMeasure(value: unknown): ChartMeasure | undefined {
  return typeof value === 'string' && value in measures && value !== defaultMeasure
    ? (value as ChartMeasure)
    : undefined;
}

/** One version over time. */
export interface VersionLine {
  readonly version: string;
  /** For each line of the measure, a value for each time; null where there is none. */
  readonly values: readonly (readonly (number | null)[])[];
}

export interface VersionLines {
  /** The middles of the steps, seconds since the Unix epoch, as charts count. */
  readonly times: readonly number[];
  readonly versions: readonly VersionLine[];
}

/** The lines of one measure. The step that runs has no rate yet: it would look like a drop. */
export function toVersionLines(series: MetricsSeriesView, measure: ChartMeasure, now: number): VersionLines {
  const { lines } = measures[measure];
  const { times, stepMs } = series;
  const isOver = times.map((time) => time + stepMs <= now);
  return {
    times: times.map((time) => (time + stepMs / 2) / 1000),
    versions: series.lines.map(({ version, points }) => ({
      version: version ?? 'all',
      values: lines.map(({ read }) =>
        points.map((point, index) =>
          measure === 'throughput' && isOver[index] === false ? null : read(point, stepMs),
        ),
      ),
    })),
  };
}

/** Whether anything is to be drawn. */
export function isEmpty({ versions }: VersionLines): boolean {
  return versions.every(({ values }) => values.every((line) => line.every((value) => value === null)));
}

/** The index of the last time at which any version has a value. */
export function findLatest({ times, versions }: VersionLines): number | undefined {
  const index = times.findLastIndex((_, at) =>
    versions.some(({ values }) => values.some((line) => (line[at] ?? null) !== null)),
  );
  return index === -1 ? undefined : index;
}
