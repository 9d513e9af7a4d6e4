import { dayMs } from '@scarmonit/core/metrics/windows';
import type { Distribution, MetricRow, MetricsQuery, Tier } from '@scarmonit/core/ports/metrics-repository';
import type { SqlDatabase } from '@scarmonit/core/ports/sql-database';
import { type Kysely, sql } from 'kysely';
import { compileStatement } from './compile-statement.ts';
import { coverWindow } from './cover-window.ts';
import { toMetricRow } from './metrics-rows.ts';
import { readNumber, readText } from './read-row.ts';
import type { StoreSchema } from './schema.ts';

/**
 * As {@link import('@scarmonit/core/ports/metrics-repository').MetricsRepository.list}. First the hours and days that are
 * summed up are read, then the stretches of rows that they leave to read: each is one search of the primary key. Between the
 * two a sum may become outdated, by what comes late; that is then missing, as it was a moment before.
 */
export async function listMetricRows(
  db: SqlDatabase,
  builder: Kysely<StoreSchema>,
  projectId: string,
  query: MetricsQuery,
): Promise<readonly MetricRow[]> {
  const { from, to, longest, model, distributions } = query;
  const folds =
    longest === 'minute'
      ? []
      : await db.query(
          compileStatement(
            builder
              .selectFrom('metric_folds')
              .select(['tier', 'started_at'])
              .where('project_id', '=', projectId)
              .where('tier', 'in', ['hour', 'day'])
              .where('started_at', '>', from - dayMs)
              .where('started_at', '<', to),
          ),
        );
  const covers = coverWindow(
    query,
    folds.map((row) => ({ tier: readText(row, 'tier') as 'hour' | 'day', startedAt: readNumber(row, 'started_at') })),
  );
  const text = (column: 'latency' | 'first_token' | 'queue', name: Distribution) => {
    const ref = sql.ref<string>(column);
    if (distributions === undefined) return ref.as(column);
    const isWanted = distributions.includes(name);
    return (isWanted ? sql<string>`case when outcome = 'ok' then ${ref} else '' end` : sql<string>`''`).as(column);
  };
  const select = (tier: Tier, start: number, end: number) => {
    const rows = builder
      .selectFrom('metric_rows')
      .select(['started_at', 'model', 'version', 'route', 'outcome', 'requests', 'input_tokens', 'output_tokens'])
      .select(['cost_usd', text('latency', 'latency'), text('first_token', 'firstToken'), text('queue', 'queue')])
      .where('project_id', '=', projectId)
      .where('tier', '=', tier)
      .where('started_at', '>=', start)
      .where('started_at', '<', end);
    return compileStatement(model === undefined ? rows : rows.where('model', '=', model));
  };
  const results = await db.batch([
    ...(longest === 'all' ? [select('all', 0, 1)] : []),
    ...covers.map((cover) => select(cover.tier, cover.from, cover.to)),
  ]);
  return results.flat().map(toMetricRow);
}
