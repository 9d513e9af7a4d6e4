import type { MetricsSeriesView } from '@scarmonit/protocol/admin/metrics';
import { useEffect, useMemo, useRef, useState } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { ChartLegend } from './chart-legend.tsx';
import { toChartOptions, toColumns } from './chart-options.ts';
import { type ChartMeasure, findLatest, measures, toVersionLines, type VersionLines } from './to-version-lines.ts';
import styles from './version-chart.module.css';

const heightPx = 260;

/**
 * A measure of each version over time, its goal across, and a mark where the traffic changed. Drag to zoom, double click
 * to return.
 */
export function VersionChart(props: {
  readonly series: MetricsSeriesView;
  readonly measure: ChartMeasure;
  readonly goal: number | undefined;
  /** Milliseconds since the Unix epoch. */
  readonly marks: readonly number[];
  /** When the series was read. */
  readonly now: number;
}) {
  const { series, measure, goal, marks, now } = props;
  const host = useRef<HTMLDivElement>(null);
  const [point, setPoint] = useState<number>();
  const lines = useMemo(() => toVersionLines(series, measure, now), [series, measure, now]);
  const names = lines.versions.map(({ version }) => version).join(' ');
  const extras = useRef({ goal, marks });
  extras.current = { goal, marks };
  const chart = useRef<uPlot>(undefined);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the chart is made anew only when its lines change
  useEffect(() => {
    const element = host.current;
    if (element === null) return;
    const options = toChartOptions({ element, height: heightPx, measure, lines, extras, onPoint: setPoint });
    const made = new uPlot(options, toColumns(lines), element);
    chart.current = made;
    const watch = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: heightPx }));
    watch.observe(element);
    const theme = new MutationObserver(() => made.redraw());
    theme.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    const redraw = (): void => made.redraw();
    scheme.addEventListener('change', redraw);
    return () => {
      watch.disconnect();
      theme.disconnect();
      scheme.removeEventListener('change', redraw);
      made.destroy();
    };
  }, [names, measure]);

  useEffect(() => chart.current?.setData(toColumns(lines)), [lines]);

  return (
    <figure className={styles.chart}>
      <ChartLegend measure={measure} lines={lines} point={point} />
      <div ref={host} className={styles.plot} aria-hidden="true" />
      <figcaption className="unseen">{describe(lines, measure)}</figcaption>
    </figure>
  );
}

function describe(lines: VersionLines, measure: ChartMeasure): string {
  const shape = measures[measure];
  const at = findLatest(lines);
  if (at === undefined) return `${shape.title}: nothing is known.`;
  const told = lines.versions.map(({ version, values }) => {
    const words = shape.lines.map(({ title }, line) => {
      const value = values[line]?.[at] ?? null;
      return `${title} ${value === null ? 'unknown' : shape.format(value)}`.trim();
    });
    return `version ${version}: ${words.join(', ')}`;
  });
  return `${shape.title}, lately. ${told.join('; ')}.`;
}
