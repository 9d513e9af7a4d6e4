import { mergeMetricRows } from '@scarmonit/core/metrics/merge-metric-rows';
import { dayMs, floorTo, hourMs, minutesKeptMs } from '@scarmonit/core/metrics/windows';
import type { SqlDatabase, SqlRow } from '@scarmonit/core/ports/sql-database';
import { type Kysely, type RawBuilder, sql } from 'kysely';
import { compileStatement } from './compile-statement.ts';
import { insertMetricRows, toMetricRow, toMetricRowRow } from './metrics-rows.ts';
import { readNumber } from './read-row.ts';
import type { StoreSchema } from './schema.ts';

/** What one call forgets at the most, so that no transaction lasts long. */
const minutesAtOnceMs = 6 * hourMs;
const daysAtOnceMs = 7 * dayMs;
const rowsAtOnce = 5_000;

const activeUsersKeptMs = 2 * dayMs;
/** Five weeks, so that every hour of the week has four to compare with. */
const keyHoursKeptMs = 35 * dayMs;

/** As {@link import('@scarmonit/core/ports/metrics-repository').MetricsRepository.expire}. */
export async function expireMetricRows(
  db: SqlDatabase,
  builder: Kysely<StoreSchema>,
  projectId: string,
  now: number,
  keepFrom: number,
): Promise<boolean> {
  const run = (query: RawBuilder<unknown>): Promise<readonly SqlRow[]> =>
    db.query(compileStatement({ compile: () => query.compile(builder) }));

  /** Those that are in an hour; the others are waited for. */
  const expireMinutes = async (before: number): Promise<boolean> => {
    const folded = (end: number): RawBuilder<unknown> => sql`
      project_id = ${projectId} and tier = 'minute' and started_at < ${end} and exists (
        select 1 from metric_folds f where f.project_id = metric_rows.project_id and f.tier = 'hour'
          and f.started_at = metric_rows.started_at - (metric_rows.started_at % ${sql.lit(hourMs)}))`;
    const [oldest] = await run(
      sql`select started_at from metric_rows where ${folded(before)} order by started_at limit 1`,
    );
    if (oldest === undefined) return false;
    const end = Math.min(before, floorTo(readNumber(oldest, 'started_at'), hourMs) + minutesAtOnceMs);
    await run(sql`delete from metric_rows where ${folded(end)}`);
    return end < before;
  };

  /** Rows of a table, which are told apart by some columns. */
  const expireRows = async (table: string, key: readonly string[], timeColumn: string, before: number) => {
    const columns = sql.join(key.map((column) => sql.ref(column)));
    const deleted = await run(sql`delete from ${sql.table(table)} where (${columns}) in (
      select ${columns} from ${sql.table(table)}
      where project_id = ${projectId} and ${sql.ref(timeColumn)} < ${before} limit ${sql.lit(rowsAtOnce)}
    ) returning 1 as gone`);
    return deleted.length === rowsAtOnce;
  };

  /** Sums days up to one row a series. */
  const expireDays = async (before: number): Promise<boolean> => {
    const days = sql`project_id = ${projectId} and tier = 'day'`;
    const [oldest] = await run(
      sql`select started_at from metric_rows where ${days} and started_at < ${before} order by started_at limit 1`,
    );
    if (oldest === undefined) return false;
    const end = Math.min(before, readNumber(oldest, 'started_at') + daysAtOnceMs);
    const old = await run(sql`select * from metric_rows
      where (${days} and started_at < ${end}) or (project_id = ${projectId} and tier = 'all')`);
    const merged = mergeMetricRows(old.map(toMetricRow), 0);
    await db.batch([
      ...[
        sql`delete from metric_rows where project_id = ${projectId} and tier = 'all'`,
        ...['day', 'hour'].map(
          (tier) => sql`delete from metric_rows
            where project_id = ${projectId} and tier = ${sql.lit(tier)} and started_at < ${end}`,
        ),
        sql`delete from metric_folds where project_id = ${projectId} and started_at < ${end}`,
      ].map((query) => compileStatement({ compile: () => query.compile(builder) })),
      ...insertMetricRows(
        builder,
        merged.map((row) => toMetricRowRow(projectId, 'all', '', row)),
      ),
    ]);
    return end < before;
  };

  // Minutes must be gone from a day before the day is: they would count once more.
  if (await expireMinutes(floorTo(now - minutesKeptMs, hourMs))) return true;
  const isMore = [
    await expireRows('active_users', ['project_id', 'model', 'end_user'], 'last_seen_at', now - activeUsersKeptMs),
    await expireRows('key_hours', ['project_id', 'started_at', 'key_id', 'source'], 'started_at', now - keyHoursKeptMs),
    // A day begins whole.
    await expireDays(Math.min(floorTo(keepFrom, dayMs), floorTo(now - minutesKeptMs, dayMs) - dayMs)),
  ];
  return isMore.includes(true);
}
