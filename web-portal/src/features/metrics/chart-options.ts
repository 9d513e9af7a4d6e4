import type uPlot from 'uplot';
import { type ChartMeasure, measures, type VersionLines } from './to-version-lines.ts';

/** What is drawn besides the lines; read at each drawing, so that the chart need not be made anew. */
export interface ChartExtras {
  /** In the measure's unit; drawn across where it is in sight. */
  readonly goal: number | undefined;
  /** Times at which the traffic changed, milliseconds since the Unix epoch. */
  readonly marks: readonly number[];
}

/** Versions differ by their line and not by colour, which says state alone: drawn out, dashed, dotted. */
export const dashes: readonly (readonly number[])[] = [[], [7, 4], [2, 3], [10, 3, 2, 3]];

export function dashOf(index: number): readonly number[] {
  return dashes[index % dashes.length] ?? [];
}

/** The columns of a chart: the times, then each line of each version. */
export function toColumns({ times, versions }: VersionLines): uPlot.AlignedData {
  return [[...times], ...versions.flatMap(({ values }) => values.map((line) => [...line]))];
}

/** How a chart of a measure is drawn. Colours are those of the element's styles at the time. */
export function toChartOptions(parts: {
  readonly element: HTMLElement;
  readonly height: number;
  readonly measure: ChartMeasure;
  readonly lines: VersionLines;
  readonly extras: { readonly current: ChartExtras };
  readonly onPoint: (index: number | undefined) => void;
}): uPlot.Options {
  const { element, height, lines, extras } = parts;
  const shape = measures[parts.measure];
  const colour = (name: string) => (): string => resolveColour(element, name);
  const axis: uPlot.Axis = {
    stroke: colour('--ink-3'),
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { show: false },
    font: `12px ${getComputedStyle(element).fontFamily}`,
  };
  return {
    width: element.clientWidth,
    height,
    padding: [12, 16, 0, 0],
    cursor: { points: { size: 6 }, y: false },
    legend: { show: false },
    scales: { y: { range: ({ data, series }) => [0, topOf(peakOf(data, series), extras.current.goal)] } },
    axes: [
      { ...axis, size: 28, values: (_, ticks, __, ___, stepS) => ticks.map((tick) => nameTick(tick, stepS)) },
      { ...axis, size: 72, values: (_, ticks) => ticks.map((tick) => shape.format(tick)) },
    ],
    series: [
      {},
      ...lines.versions.flatMap((_, version) =>
        shape.lines.map(
          ({ width }): uPlot.Series => ({
            stroke: width === 0 ? 'transparent' : colour('--ink'),
            width,
            dash: [...dashOf(version)],
            points: { show: showsPoint, size: 2 + width * 2, fill: colour('--ink') },
          }),
        ),
      ),
    ],
    bands:
      shape.lines.length < 3 ? [] : lines.versions.map((_, version) => bandOf(version, shape.lines.length, colour)),
    hooks: {
      draw: [(plot) => drawExtras(plot, extras.current, colour('--ink-3')())],
      setCursor: [({ cursor }) => parts.onPoint(cursor.idx ?? undefined)],
    },
  };
}

/** From the first line of a version to its last. */
function bandOf(version: number, length: number, colour: (name: string) => () => string): uPlot.Band {
  return { series: [version * length + length, version * length + 1], fill: colour('--band') };
}

/** The highest value that is drawn as a line; the edge of a band may leave the chart, so that it presses no line flat. */
function peakOf(data: uPlot.AlignedData, series: readonly uPlot.Series[]): number {
  let peak = 0;
  data.forEach((values, index) => {
    if (index === 0 || series[index]?.width === 0) return;
    for (const value of values) if (value != null && value > peak) peak = value;
  });
  return peak;
}

/** A goal is in sight unless it would press the lines flat. */
function topOf(peak: number, goal: number | undefined): number {
  return Math.max(peak, goal !== undefined && (goal < peak * 3 || peak === 0) ? goal : 0) * 1.15 || 1;
}

/** A value with gaps on both sides has no line, so it is shown as a point. */
const showsPoint: uPlot.Series.Points.Show = (plot, series) => {
  const values = plot.data[series] ?? [];
  return values.filter((value) => value !== null).length < 3;
};

/** A time on the axis; to the second where minutes would repeat, with the day where hours would. */
function nameTick(seconds: number, stepS: number): string {
  const time = new Date(seconds * 1000);
  if (stepS >= 86_400) return time.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' });
  const parts = { hour: '2-digit', minute: '2-digit' } as const;
  const isMidnight = stepS >= 3600 && time.getHours() === 0 && time.getMinutes() === 0;
  if (isMidnight) return time.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' });
  return time.toLocaleTimeString('en-GB', stepS < 60 ? { ...parts, second: '2-digit' } : parts);
}

/** `light-dark()` means something to styles, and nothing to a canvas. */
function resolveColour(element: HTMLElement, name: string): string {
  const probe = element.ownerDocument.createElement('span');
  probe.style.color = `var(${name})`;
  element.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

function drawExtras(plot: uPlot, { marks, goal }: ChartExtras, colour: string): void {
  const { ctx, bbox } = plot;
  const line = (x1: number, y1: number, x2: number, y2: number): void => {
    ctx.beginPath();
    ctx.moveTo(x1, y1);
    ctx.lineTo(x2, y2);
    ctx.stroke();
  };
  ctx.save();
  ctx.strokeStyle = colour;
  ctx.lineWidth = devicePixelRatio;
  if (goal !== undefined && goal <= (plot.scales['y']?.max ?? 0)) {
    ctx.setLineDash([3 * devicePixelRatio, 3 * devicePixelRatio]);
    const y = plot.valToPos(goal, 'y', true);
    line(bbox.left, y, bbox.left + bbox.width, y);
  }
  ctx.setLineDash([]);
  for (const mark of marks) {
    const x = plot.valToPos(mark / 1000, 'x', true);
    if (x > bbox.left && x < bbox.left + bbox.width) line(x, bbox.top, x, bbox.top + bbox.height);
  }
  ctx.restore();
}
