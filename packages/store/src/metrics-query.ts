import { ceilTo, dayMs, floorTo, hourMs } from '@scarmonit/core/metrics/windows';
import type { MetricsQuery, Tier } from '@scarmonit/core/ports/metrics-repository';
import type { SqlStatement } from '@scarmonit/core/ports/sql-database';
import { type Kysely, type RawBuilder, sql } from 'kysely';
import { compileStatement } from './compile-statement.ts';
import type { StoreSchema } from './schema.ts';

const lengthOf = { hour: hourMs, day: dayMs } as const;

/** Whether the hour or day that a row lies in holds all that there is of it. */
function isFolded(tier: 'hour' | 'day'): RawBuilder<boolean> {
  const length = sql.lit(lengthOf[tier]);
  return sql<boolean>`exists (
    select 1 from metric_folds f where f.project_id = m.project_id and f.tier = ${sql.lit(tier)}
      and f.started_at = m.started_at - (m.started_at % ${length}))`;
}

/**
 * One statement for the fewest rows of a window: days that lie in it whole, hours beside them, minutes at its ends, and the
 * shorter rows wherever a longer one does not hold all yet.
 */
export function listMetrics(
  builder: Kysely<StoreSchema>,
  projectId: string,
  { from, to, longest, model }: MetricsQuery,
): SqlStatement {
  const covers = (tier: 'hour' | 'day'): RawBuilder<boolean> => {
    const length = lengthOf[tier];
    const wholeFrom = ceilTo(from, length);
    const wholeTo = floorTo(to, length);
    return sql<boolean>`(m.started_at >= ${wholeFrom} and m.started_at < ${wholeTo} and ${isFolded(tier)})`;
  };
  const select = (tier: Tier, ...conditions: readonly RawBuilder<boolean>[]): RawBuilder<unknown> => {
    const ofModel = model === undefined ? [] : [sql<boolean>`m.model = ${model}`];
    return sql`select started_at, model, version, route, outcome, requests, input_tokens, output_tokens, cost_usd,
      latency, first_token, queue from metric_rows m
      where m.project_id = ${projectId} and m.tier = ${sql.lit(tier)}
        and ${sql.join([...ofModel, ...conditions], sql` and `)}`;
  };
  const within = sql<boolean>`m.started_at >= ${from} and m.started_at < ${to}`;
  const not = (condition: RawBuilder<boolean>): RawBuilder<boolean> => sql<boolean>`not ${condition}`;
  const byHour = longest !== 'minute';
  const byDay = byHour && longest !== 'hour';
  const parts = [
    ...(longest === 'all' ? [select('all', sql<boolean>`m.started_at = 0`)] : []),
    ...(byDay ? [select('day', within, covers('day'))] : []),
    ...(byHour ? [select('hour', within, covers('hour'), ...(byDay ? [not(covers('day'))] : []))] : []),
    select('minute', within, ...(byHour ? [not(covers('hour'))] : [])),
  ];
  return compileStatement({ compile: () => sql`${sql.join(parts, sql` union all `)}`.compile(builder) });
}
