/** A sparkline as numbers: each unbroken stretch as SVG points, single values apart. */
export interface SparklineShape {
  readonly lines: readonly string[];
  readonly dots: readonly (readonly [x: number, y: number])[];
  readonly goalY: number | undefined;
}

const margin = 2;

/** Lays values out from left to right between zero and the larger of their peak and the goal. Null is a gap. */
export function toSparkline(
  values: readonly (number | null)[],
  goal: number | undefined,
  { width, height }: { readonly width: number; readonly height: number },
): SparklineShape {
  const known = values.filter((value) => value !== null);
  const top = Math.max(goal ?? 0, ...known) || 1;
  const x = (index: number): number => round((index / Math.max(1, values.length - 1)) * width);
  const y = (value: number): number => round(height - margin - (value / top) * (height - 2 * margin));
  const stretches: [number, number][][] = [[]];
  values.forEach((value, index) => {
    if (value === null) stretches.push([]);
    else stretches.at(-1)?.push([x(index), y(value)]);
  });
  return {
    lines: stretches
      .filter(({ length }) => length > 1)
      .map((points) => points.map((point) => point.join(',')).join(' ')),
    dots: stretches.filter(({ length }) => length === 1).flat(),
    goalY: goal === undefined ? undefined : y(goal),
  };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
