import type { Distribution, MetricRow } from '../ports/metrics-repository.ts';
import type { Outcome } from '../ports/prediction-repository.ts';
import { QuantileSketch } from './quantile-sketch.ts';

/** What several rows come to. */
export class MetricSum {
  readonly #wanted: readonly Distribution[];
  readonly #requests = new Map<Outcome, number>();
  inputTokens = 0;
  outputTokens = 0;
  costUsd = 0;
  /** Of the requests that were answered well: what a client that was refused or left waited says nothing of the model. */
  readonly latency = new QuantileSketch();
  readonly firstToken = new QuantileSketch();
  readonly queue = new QuantileSketch();

  /** @param wanted which of the distributions are needed: each costs a text to read */
  constructor(wanted: readonly Distribution[]) {
    this.#wanted = wanted;
  }

  add(row: MetricRow): void {
    this.#requests.set(row.outcome, this.requestsOf(row.outcome) + row.requests);
    this.inputTokens += row.inputTokens;
    this.outputTokens += row.outputTokens;
    this.costUsd += row.costUsd;
    if (row.outcome !== 'ok') return;
    for (const distribution of this.#wanted) this[distribution].mergeText(row[distribution]);
  }

  /** Adds what others came to; cheaper than to add their rows once more. */
  merge(other: MetricSum): void {
    for (const [outcome, requests] of other.#requests) this.#requests.set(outcome, this.requestsOf(outcome) + requests);
    this.inputTokens += other.inputTokens;
    this.outputTokens += other.outputTokens;
    this.costUsd += other.costUsd;
    for (const distribution of this.#wanted) this[distribution].merge(other[distribution]);
  }

  requestsOf(outcome: Outcome): number {
    return this.#requests.get(outcome) ?? 0;
  }

  /** All that reached the model, however they ended. */
  get requests(): number {
    let requests = 0;
    for (const count of this.#requests.values()) requests += count;
    return requests;
  }

  /** Requests that the model had to answer: without those that clients spoilt, left or were refused by their limits. */
  get judged(): number {
    return this.requestsOf('ok') + this.failed;
  }

  /** Judged requests without a good answer. */
  get failed(): number {
    return this.requestsOf('error') + this.requestsOf('timeout');
  }
}

/**
 * Sums rows by a key.
 * @param keyOf undefined leaves the row out
 */
export function sumMetrics<Key>(
  rows: Iterable<MetricRow>,
  wanted: readonly Distribution[],
  keyOf: (row: MetricRow) => Key | undefined,
): Map<Key, MetricSum> {
  const sums = new Map<Key, MetricSum>();
  for (const row of rows) {
    const key = keyOf(row);
    if (key === undefined) continue;
    let sum = sums.get(key);
    if (sum === undefined) {
      sum = new MetricSum(wanted);
      sums.set(key, sum);
    }
    sum.add(row);
  }
  return sums;
}
