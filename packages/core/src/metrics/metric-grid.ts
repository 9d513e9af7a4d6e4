import type { Distribution, MetricRow } from '../ports/metrics-repository.ts';
import { MetricSum } from './sum-metrics.ts';

/**
 * What rows come to by version and step of a window. The text of a row is read once, whatever is asked of it then: that
 * costs the most.
 */
export class MetricGrid {
  readonly #wanted: readonly Distribution[];
  readonly #cells = new Map<string, Map<number, MetricSum>>();

  /** @param stepOf the begin of the step that a time lies in */
  constructor(rows: Iterable<MetricRow>, wanted: readonly Distribution[], stepOf: (time: number) => number) {
    this.#wanted = wanted;
    for (const row of rows) {
      const steps = entryOf(this.#cells, row.version, () => new Map<number, MetricSum>());
      entryOf(steps, stepOf(row.startedAt), () => new MetricSum(wanted)).add(row);
    }
  }

  /** Sorted. */
  get versions(): readonly string[] {
    return [...this.#cells.keys()].sort((a, b) => a.localeCompare(b));
  }

  /** By the begin of a step; steps without requests are left out. */
  stepsOf(version: string): ReadonlyMap<number, MetricSum> {
    return this.#cells.get(version) ?? new Map();
  }

  /** The same for all versions together. */
  get steps(): ReadonlyMap<number, MetricSum> {
    const sums = new Map<number, MetricSum>();
    for (const steps of this.#cells.values()) {
      for (const [step, cell] of steps) entryOf(sums, step, () => new MetricSum(this.#wanted)).merge(cell);
    }
    return sums;
  }

  sumOf(version: string): MetricSum {
    const sum = new MetricSum(this.#wanted);
    for (const cell of this.stepsOf(version).values()) sum.merge(cell);
    return sum;
  }

  get sum(): MetricSum {
    const sum = new MetricSum(this.#wanted);
    for (const version of this.#cells.keys()) sum.merge(this.sumOf(version));
    return sum;
  }
}

function entryOf<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}
