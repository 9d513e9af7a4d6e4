import type { HistogramValue, MetricFamily, MetricSample } from './metric-family.ts';

/**
 * Keeps counters at the highest value that was told. Collectors take a step back for a restart and count the whole value
 * anew, and sums of fractions may differ in their last digit when the same rows are summed in another order.
 * @returns a function to be given each look at the same families
 */
export function keepFromFalling(): (families: readonly MetricFamily[]) => readonly MetricFamily[] {
  const highest = new Map<string, number>();
  const keep = (key: string, value: number): number => {
    const kept = Math.max(highest.get(key) ?? value, value);
    highest.set(key, kept);
    return kept;
  };
  const keepValue = (key: string, value: number | HistogramValue): number | HistogramValue =>
    typeof value === 'number' ? keep(key, value) : { ...value, sum: keep(key, value.sum) };
  return (families) =>
    families.map((family) => ({
      ...family,
      samples: family.samples.map(
        ({ labels, value }): MetricSample => ({
          labels,
          value: keepValue(family.name + JSON.stringify(labels), value),
        }),
      ),
    }));
}
