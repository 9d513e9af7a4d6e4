import type { PredictionView } from '@scarmonit/protocol/admin/prediction';
import type { TrafficView } from '@scarmonit/protocol/admin/rollout';
import { useEffect, useMemo, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { formatDuration } from '../../format/format-number.ts';
import styles from './latency-chart.module.css';
import { type LatencySeries, toLatencySeries } from './to-latency-series.ts';

const heightPx = 280;
const stretches = 60;

/**
 * P50 to P95 of each version as a band, the goal across, and a mark where the traffic changed. Versions differ by the
 * line, not by colour. Drag to zoom, double click to return.
 */
export function LatencyChart(props: {
  readonly requests: readonly PredictionView[];
  readonly from: number;
  readonly to: number;
  readonly goalMs: number | undefined;
  readonly marks: readonly TrafficView[];
}) {
  const { requests, from, to, goalMs, marks } = props;
  const host = useRef<HTMLDivElement>(null);
  const { times, versions } = useMemo(
    () => toLatencySeries(requests, { from, to, buckets: stretches }),
    [requests, from, to],
  );
  const names = versions.map(({ version }) => version).join(' ');
  const latest = useRef({ marks, goalMs });
  latest.current = { marks, goalMs };
  const chart = useRef<uPlot>(undefined);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the chart is made anew only when its lines change
  useEffect(() => {
    const element = host.current;
    if (element === null) return;
    const made = new uPlot(toOptions(element, versions, latest), toData(times, versions), element);
    chart.current = made;
    const watch = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: heightPx }));
    watch.observe(element);
    const theme = new MutationObserver(() => made.redraw());
    theme.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    return () => {
      watch.disconnect();
      theme.disconnect();
      made.destroy();
    };
  }, [names]);

  useEffect(() => chart.current?.setData(toData(times, versions)), [times, versions]);

  return (
    <figure className={styles.chart}>
      <div ref={host} className={styles.plot} aria-hidden="true" />
      <figcaption className="unseen">{describe(versions)}</figcaption>
    </figure>
  );
}

type Latest = { readonly current: { readonly marks: readonly TrafficView[]; readonly goalMs: number | undefined } };

function toData(times: readonly number[], versions: readonly LatencySeries[]): uPlot.AlignedData {
  return [[...times], ...versions.flatMap(({ p50, p95 }) => [[...p50], [...p95]])];
}

function toOptions(element: HTMLElement, versions: readonly LatencySeries[], latest: Latest): uPlot.Options {
  const ink = (name: string) => (): string => getComputedStyle(element).getPropertyValue(name);
  const resolve = (name: string) => (): string => resolveColour(element, ink(name)());
  const axis: uPlot.Axis = {
    stroke: resolve('--ink-3'),
    grid: { stroke: resolve('--line'), width: 1 },
    ticks: { show: false },
    font: `12px ${getComputedStyle(element).fontFamily}`,
  };
  return {
    width: element.clientWidth,
    height: heightPx,
    cursor: { points: { size: 6 } },
    legend: {
      live: true,
      markers: {
        width: (_, series) => (series % 2 === 1 ? 1 : 2),
        dash: (_, series) => (Math.ceil(series / 2) % 2 === 0 ? 'dashed' : 'solid'),
      },
    },
    scales: {
      y: {
        range: (_, __, max) => [
          0,
          Math.max(
            max,
            latest.current.goalMs !== undefined && latest.current.goalMs < max * 3 ? latest.current.goalMs : 0,
          ) * 1.08 || 1,
        ],
      },
    },
    axes: [
      {
        ...axis,
        values: (_, ticks, __, ___, stepS) => ticks.map((tick) => nameTick(tick, stepS)),
      },
      { ...axis, size: 64, values: (_, ticks) => ticks.map((tick) => formatDuration(tick)) },
    ],
    series: [
      { label: 'time', value: (_, time) => (time == null ? '' : new Date(time * 1000).toLocaleTimeString('en-GB')) },
      ...versions.flatMap(({ version }, index): uPlot.Series[] => {
        const value: uPlot.Series.Value = (_, ms) => (ms == null ? '–' : formatDuration(ms));
        const dash = index % 2 === 1 ? [5, 4] : [];
        const common = {
          stroke: resolve('--ink'),
          dash,
          spanGaps: false,
          value,
          points: { show: true, size: 4, fill: resolve('--ink') },
        };
        return [
          { ...common, label: `${version} p50`, width: 1, points: { ...common.points, size: 3 } },
          { ...common, label: `${version} p95`, width: 2 },
        ];
      }),
    ],
    bands: versions.map((_, index) => ({ series: [index * 2 + 2, index * 2 + 1], fill: () => resolve('--sunken')() })),
    hooks: { draw: [(plot) => drawLines(plot, latest.current, resolve('--ink-3')())] },
  };
}

/** A time on the axis; to the second where minutes would repeat. */
function nameTick(seconds: number, stepS: number): string {
  const parts = { hour: '2-digit', minute: '2-digit' } as const;
  return new Date(seconds * 1000).toLocaleTimeString('en-GB', stepS < 60 ? { ...parts, second: '2-digit' } : parts);
}

/** `light-dark()` means something to styles, and nothing to a canvas. */
function resolveColour(element: HTMLElement, value: string): string {
  const probe = element.ownerDocument.createElement('span');
  probe.style.color = value;
  element.append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
}

function drawLines(plot: uPlot, { marks, goalMs }: Latest['current'], colour: string): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.strokeStyle = colour;
  ctx.lineWidth = devicePixelRatio;
  const line = (x1: number, y1: number, x2: number, y2: number): void => {
    ctx.beginPath();
    ctx.moveTo(x1, y1);
    ctx.lineTo(x2, y2);
    ctx.stroke();
  };
  if (goalMs !== undefined && goalMs <= (plot.scales['y']?.max ?? 0)) {
    ctx.setLineDash([3 * devicePixelRatio, 3 * devicePixelRatio]);
    const y = plot.valToPos(goalMs, 'y', true);
    line(bbox.left, y, bbox.left + bbox.width, y);
  }
  ctx.setLineDash([]);
  for (const { createdAt } of marks) {
    const x = plot.valToPos(createdAt / 1000, 'x', true);
    if (x > bbox.left && x < bbox.left + bbox.width) line(x, bbox.top, x, bbox.top + bbox.height);
  }
  ctx.restore();
}

function describe(versions: readonly LatencySeries[]): string {
  return versions
    .map(({ version, p50, p95 }) => {
      const last = (values: readonly (number | null)[]): string => {
        const value = values.findLast((one) => one !== null);
        return value == null ? 'unknown' : formatDuration(value);
      };
      return `Version ${version}: lately P50 ${last(p50)}, P95 ${last(p95)}.`;
    })
    .join(' ');
}
