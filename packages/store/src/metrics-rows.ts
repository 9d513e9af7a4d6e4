import { QuantileSketch } from '@scarmonit/core/metrics/quantile-sketch';
import type { MetricRow } from '@scarmonit/core/ports/metrics-repository';
import type { Outcome } from '@scarmonit/core/ports/prediction-repository';
import type { SqlRow } from '@scarmonit/core/ports/sql-database';
import type { MetricRowRow } from './metrics-schema.ts';
import { readNumber, readText } from './read-row.ts';

/** Of one length and source. Every row has the same columns in the same order. */
export function toMetricRowRow(projectId: string, tier: string, source: string, row: MetricRow): MetricRowRow {
  return {
    project_id: projectId,
    tier,
    started_at: row.startedAt,
    model: row.model,
    version: row.version,
    route: row.route,
    outcome: row.outcome,
    source,
    requests: row.requests,
    input_tokens: row.inputTokens,
    output_tokens: row.outputTokens,
    cost_usd: row.costUsd,
    latency: row.latency,
    first_token: row.firstToken,
    queue: row.queue,
  };
}

export function toMetricRow(row: SqlRow): MetricRow {
  return {
    startedAt: readNumber(row, 'started_at'),
    model: readText(row, 'model'),
    version: readText(row, 'version'),
    route: readText(row, 'route'),
    outcome: readText(row, 'outcome') as Outcome,
    requests: readNumber(row, 'requests'),
    inputTokens: readNumber(row, 'input_tokens'),
    outputTokens: readNumber(row, 'output_tokens'),
    costUsd: readNumber(row, 'cost_usd'),
    latency: readText(row, 'latency'),
    firstToken: readText(row, 'first_token'),
    queue: readText(row, 'queue'),
  };
}

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
