import type { MetricRow } from '@scarmonit/core/ports/metrics-repository';
import type { Outcome } from '@scarmonit/core/ports/prediction-repository';
import type { SqlRow, SqlStatement } from '@scarmonit/core/ports/sql-database';
import type { Kysely } from 'kysely';
import { createInsertCompiler } from './compile-insert.ts';
import type { MetricRowRow } from './metrics-schema.ts';
import { readNumber, readText } from './read-row.ts';
import type { StoreSchema } from './schema.ts';

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

/** Of rows that are not there yet. */
export function insertMetricRows(builder: Kysely<StoreSchema>, rows: readonly MetricRowRow[]): readonly SqlStatement[] {
  return createInsertCompiler((some: readonly MetricRowRow[]) => builder.insertInto('metric_rows').values(some))(rows);
}
