import type { MetricRow } from '../ports/metrics-repository.ts';
import { QuantileSketch } from './quantile-sketch.ts';

/** Sums rows of the same series into one that begins at a time. */
export function mergeMetricRows(rows: readonly MetricRow[], startedAt: number): readonly MetricRow[] {
  const bySeries = new Map<string, MetricRow[]>();
  for (const row of rows) {
    const series = JSON.stringify([row.model, row.version, row.route, row.outcome]);
    const found = bySeries.get(series);
    if (found === undefined) bySeries.set(series, [row]);
    else found.push(row);
  }
  return [...bySeries.values()].flatMap((same) => {
    const [first] = same;
    return first === undefined ? [] : [{ ...first, ...sum(same), startedAt }];
  });
}

function sum(rows: readonly MetricRow[]): Omit<MetricRow, 'startedAt' | 'model' | 'version' | 'route' | 'outcome'> {
  const latency = new QuantileSketch();
  const firstToken = new QuantileSketch();
  const queue = new QuantileSketch();
  let requests = 0;
  let inputTokens = 0;
  let outputTokens = 0;
  let costUsd = 0;
  for (const row of rows) {
    requests += row.requests;
    inputTokens += row.inputTokens;
    outputTokens += row.outputTokens;
    costUsd += row.costUsd;
    latency.mergeText(row.latency);
    firstToken.mergeText(row.firstToken);
    queue.mergeText(row.queue);
  }
  return {
    requests,
    inputTokens,
    outputTokens,
    costUsd,
    latency: latency.toText(),
    firstToken: firstToken.toText(),
    queue: queue.toText(),
  };
}
