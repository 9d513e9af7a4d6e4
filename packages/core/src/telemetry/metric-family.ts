/** A measured thing, with a value for each of what it is told apart by. In the terms of OpenMetrics. */
export interface MetricFamily {
  /** Snake case, with its unit at the end; of a counter without `_total`. */
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** One sentence for people. */
  readonly help: string;
  readonly samples: readonly MetricSample[];
}

export interface MetricSample {
  /** Values come from bounded sets: the manifest and the server's own words, never what a client sends. */
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number | HistogramValue;
}

export interface HistogramValue {
  /** How many values are at most as large as each bound, in the order of the bounds. */
  readonly buckets: readonly { readonly atMost: number; readonly count: number }[];
  readonly count: number;
  readonly sum: number;
}

/** Makes a family out of figures; those that are undefined are not known, and left out. */
export function toFamily(
  name: string,
  type: MetricFamily['type'],
  help: string,
  samples: readonly (readonly [labels: Readonly<Record<string, string>>, value: number | HistogramValue | undefined])[],
): MetricFamily {
  return {
    name,
    type,
    help,
    samples: samples.flatMap(([labels, value]) => (value === undefined ? [] : [{ labels, value }])),
  };
}
