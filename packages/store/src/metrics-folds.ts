import { mergeMetricRows } from '@scarmonit/core/metrics/merge-metric-rows';
import { dayMs, floorTo, hourMs, minuteMs } from '@scarmonit/core/metrics/windows';
import type { SqlDatabase, SqlStatement } from '@scarmonit/core/ports/sql-database';
import { type Kysely, type RawBuilder, sql } from 'kysely';
import { compileStatement } from './compile-statement.ts';
import { insertMetricRows, toMetricRow, toMetricRowRow } from './metrics-rows.ts';
import { readNumber, readOptionalNumber } from './read-row.ts';
import type { StoreSchema } from './schema.ts';

type Builder = Kysely<StoreSchema>;

/** A step from one length to the next. */
interface Step {
  readonly from: 'minute' | 'hour';
  readonly to: 'hour' | 'day';
  readonly lengthMs: number;
}

const steps: readonly Step[] = [
  { from: 'minute', to: 'hour', lengthMs: hourMs },
  { from: 'hour', to: 'day', lengthMs: dayMs },
];

/** Most processes have written the end of an hour by then; what comes later has it summed up once more. */
const graceMs = minuteMs;
/** Stretches with rows that are summed up at once, some five statements each: D1 limits those of an invocation. */
const fullAtOnce = 24;
/** Stretches without rows that one statement notes. */
const emptyAtOnce = 250;

/** As {@link import('@scarmonit/core/ports/metrics-repository').MetricsRepository.fold}. */
export async function foldMetrics(db: SqlDatabase, builder: Builder, projectId: string, now: number): Promise<void> {
  for (const step of steps) {
    const { full, empty } = await listUnfolded(db, builder, projectId, step, now);
    for (const startedAt of full.slice(0, fullAtOnce)) await foldOne(db, builder, projectId, step, startedAt);
    for (let start = 0; start < empty.length; start += emptyAtOnce) {
      await foldEmpty(db, builder, projectId, step, empty.slice(start, start + emptyAtOnce));
    }
  }
}

/** Stretches that are over and not summed up, with and without rows, beginning with the oldest row of the shorter length. */
async function listUnfolded(
  db: SqlDatabase,
  builder: Builder,
  projectId: string,
  { from, to, lengthMs }: Step,
  now: number,
): Promise<{ readonly full: readonly number[]; readonly empty: readonly number[] }> {
  const [[oldest = {}] = [], folds = []] = await db.batch(
    [
      builder
        .selectFrom('metric_rows')
        .select(({ fn }) => fn.min('started_at').as('oldest'))
        .where('project_id', '=', projectId)
        .where('tier', '=', from),
      builder
        .selectFrom('metric_folds')
        .select('started_at')
        .where('project_id', '=', projectId)
        .where('tier', '=', to),
    ].map((query) => compileStatement(query)),
  );
  const oldestAt = readOptionalNumber(oldest, 'oldest');
  const folded = new Set(folds.map((row) => readNumber(row, 'started_at')));
  const unfolded: number[] = [];
  const end = floorTo(now - graceMs, lengthMs);
  if (oldestAt !== undefined) {
    for (let at = floorTo(oldestAt, lengthMs); at < end; at += lengthMs) if (!folded.has(at)) unfolded.push(at);
  }
  const [first] = unfolded;
  if (first === undefined) return { full: [], empty: [] };
  const stretches = await db.query(
    compileStatement(
      builder
        .selectFrom('metric_rows')
        .select(sql<number>`started_at - (started_at % ${sql.lit(lengthMs)})`.as('stretch'))
        .distinct()
        .where('project_id', '=', projectId)
        .where('tier', '=', from)
        .where('started_at', '>=', first)
        .where('started_at', '<', end),
    ),
  );
  const hasRows = new Set(stretches.map((row) => readNumber(row, 'stretch')));
  return { full: unfolded.filter((at) => hasRows.has(at)), empty: unfolded.filter((at) => !hasRows.has(at)) };
}

/** Most hours of a quiet host have no row; each for itself would take thousands of statements after a long pause. */
async function foldEmpty(
  db: SqlDatabase,
  builder: Builder,
  projectId: string,
  { from, to, lengthMs }: Step,
  startedAts: readonly number[],
): Promise<void> {
  const values = sql.join(startedAts.map((at) => sql`(${sql.lit(at)})`));
  await db.query(
    compileRaw(
      builder,
      sql`with stretches (started_at) as (values ${values})
        insert into metric_folds (project_id, tier, started_at)
        select ${projectId}, ${sql.lit(to)}, s.started_at from stretches s
        where not exists (select 1 from metric_rows m where m.project_id = ${projectId}
          and m.tier in ('minute', ${sql.lit(from)})
          and m.started_at >= s.started_at and m.started_at < s.started_at + ${sql.lit(lengthMs)})
        on conflict do nothing`,
    ),
  );
}

async function foldOne(
  db: SqlDatabase,
  builder: Builder,
  projectId: string,
  { from, to, lengthMs }: Step,
  startedAt: number,
): Promise<void> {
  const rows = await db.query(
    compileStatement(
      builder
        .selectFrom('metric_rows')
        .selectAll()
        .where('project_id', '=', projectId)
        .where('tier', '=', from)
        .where('started_at', '>=', startedAt)
        .where('started_at', '<', startedAt + lengthMs),
    ),
  );
  const requests = rows.reduce((sum, row) => sum + readNumber(row, 'requests'), 0);
  const merged = mergeMetricRows(rows.map(toMetricRow), startedAt);
  const stretch = sql`m.project_id = ${projectId} and m.started_at >= ${startedAt}
    and m.started_at < ${startedAt + lengthMs}`;
  // Rows that came while these were summed are missing in the sum: then it does not count, and is made again.
  const isAll = sql`(select coalesce(sum(m.requests), 0) from metric_rows m
    where ${stretch} and m.tier = ${sql.lit(from)}) = ${requests}`;
  const hoursAreAll = sql`not exists (select 1 from metric_rows m where ${stretch} and m.tier = 'minute'
    and not exists (select 1 from metric_folds h where h.project_id = m.project_id and h.tier = 'hour'
      and h.started_at = m.started_at - (m.started_at % ${sql.lit(hourMs)})))`;
  await db.batch([
    compileStatement(
      builder
        .deleteFrom('metric_rows')
        .where('project_id', '=', projectId)
        .where('tier', '=', to)
        .where('started_at', '=', startedAt),
    ),
    ...insertMetricRows(
      builder,
      merged.map((row) => toMetricRowRow(projectId, to, '', row)),
    ),
    compileRaw(
      builder,
      sql`insert into metric_folds (project_id, tier, started_at)
        select ${projectId}, ${sql.lit(to)}, ${sql.lit(startedAt)}
        where ${isAll} ${to === 'day' ? sql`and ${hoursAreAll}` : sql``} on conflict do nothing`,
    ),
  ]);
}

function compileRaw(builder: Builder, query: RawBuilder<unknown>): SqlStatement {
  return compileStatement({ compile: () => query.compile(builder) });
}
