import { floorTo, hourMs } from '@scarmonit/core/metrics/windows';
import type { MetricsRepository } from '@scarmonit/core/ports/metrics-repository';
import type { SqlDatabase } from '@scarmonit/core/ports/sql-database';
import { sql } from 'kysely';
import { createInsertCompiler } from './compile-insert.ts';
import { compileStatement } from './compile-statement.ts';
import { expireMetricRows } from './metrics-expiry.ts';
import { foldMetrics } from './metrics-folds.ts';
import { listMetricRows } from './metrics-query.ts';
import { toMetricRowRow } from './metrics-rows.ts';
import type { ActiveUserRow, KeyHourRowRow, MetricRowRow } from './metrics-schema.ts';
import { createQueryBuilder } from './query-builder.ts';
import { readNumber, readText } from './read-row.ts';

/** Figures in SQL. Each process has rows of its own for a minute, which it replaces as the minute goes on. */
export function createMetricsRepository(db: SqlDatabase): MetricsRepository {
  const builder = createQueryBuilder(db.dialect);
  // A number that is smaller than what is there was overtaken on its way.
  const compileMinutes = createInsertCompiler((rows: readonly MetricRowRow[]) =>
    builder
      .insertInto('metric_rows')
      .values(rows)
      .onConflict((conflict) =>
        conflict
          .columns(['project_id', 'tier', 'started_at', 'model', 'version', 'route', 'outcome', 'source'])
          .doUpdateSet((eb) => ({
            requests: eb.ref('excluded.requests'),
            input_tokens: eb.ref('excluded.input_tokens'),
            output_tokens: eb.ref('excluded.output_tokens'),
            cost_usd: eb.ref('excluded.cost_usd'),
            latency: eb.ref('excluded.latency'),
            first_token: eb.ref('excluded.first_token'),
            queue: eb.ref('excluded.queue'),
          }))
          .where(sql<boolean>`excluded.requests >= metric_rows.requests`),
      ),
  );
  const compileKeyHours = createInsertCompiler((rows: readonly KeyHourRowRow[]) =>
    builder
      .insertInto('key_hours')
      .values(rows)
      .onConflict((conflict) =>
        conflict
          .columns(['project_id', 'started_at', 'key_id', 'source'])
          .doUpdateSet((eb) => ({
            requests: eb.ref('excluded.requests'),
            errors: eb.ref('excluded.errors'),
            tokens: eb.ref('excluded.tokens'),
            latency_ms: eb.ref('excluded.latency_ms'),
          }))
          .where(sql<boolean>`excluded.requests >= key_hours.requests`),
      ),
  );
  const compileUsers = createInsertCompiler((rows: readonly ActiveUserRow[]) =>
    builder
      .insertInto('active_users')
      .values(rows)
      .onConflict((conflict) =>
        conflict
          .columns(['project_id', 'model', 'end_user'])
          .doUpdateSet((eb) => ({ last_seen_at: eb.ref('excluded.last_seen_at') }))
          .where(sql<boolean>`excluded.last_seen_at > active_users.last_seen_at`),
      ),
  );

  /** An hour that gets more rows holds all there is no longer, nor does its day: they are summed up again. */
  const unfold = (projectId: string, startedAts: readonly number[]) =>
    [...new Set(startedAts.map((at) => floorTo(at, hourMs)))].map((hour) =>
      compileStatement(
        builder
          .deleteFrom('metric_folds')
          .where('project_id', '=', projectId)
          .where('started_at', '<=', hour)
          .where(({ eb, or, and }) =>
            or([
              and([eb('tier', '=', 'hour'), eb('started_at', '=', hour)]),
              and([eb('tier', '=', 'day'), eb('started_at', '>', hour - 24 * hourMs)]),
            ]),
          ),
      ),
    );

  return {
    async write(projectId, { minutes, keyHours, users }) {
      await db.batch([
        ...compileMinutes(minutes.map((row) => toMetricRowRow(projectId, 'minute', row.source, row))),
        ...unfold(
          projectId,
          minutes.map(({ startedAt }) => startedAt),
        ),
        ...compileKeyHours(
          keyHours.map((row) => ({
            project_id: projectId,
            key_id: row.keyId,
            started_at: row.startedAt,
            source: row.source,
            requests: row.requests,
            errors: row.errors,
            tokens: row.tokens,
            latency_ms: row.latencyMs,
          })),
        ),
        ...compileUsers(
          users.map((row) => ({
            project_id: projectId,
            model: row.model,
            end_user: row.endUser,
            last_seen_at: row.lastSeenAt,
          })),
        ),
      ]);
    },

    list: (projectId, query) => listMetricRows(db, builder, projectId, query),

    async countUsers(projectId, since) {
      const query = builder
        .selectFrom('active_users')
        .select(({ fn }) => ['model', fn.countAll<number>().as('users')])
        .where('project_id', '=', projectId)
        .where('last_seen_at', '>=', since)
        .groupBy('model');
      const rows = await db.query(compileStatement(query));
      return new Map(rows.map((row) => [readText(row, 'model'), readNumber(row, 'users')]));
    },

    async listKeyHours(projectId, since) {
      const query = builder
        .selectFrom('key_hours')
        .select(({ fn }) => [
          'key_id',
          'started_at',
          fn.sum<number>('requests').as('requests'),
          fn.sum<number>('errors').as('errors'),
          fn.sum<number>('tokens').as('tokens'),
          fn.sum<number>('latency_ms').as('latency_ms'),
        ])
        .where('project_id', '=', projectId)
        .where('started_at', '>=', since)
        .groupBy(['key_id', 'started_at'])
        .orderBy('started_at')
        .orderBy('key_id');
      return (await db.query(compileStatement(query))).map((row) => ({
        keyId: readText(row, 'key_id'),
        startedAt: readNumber(row, 'started_at'),
        requests: readNumber(row, 'requests'),
        errors: readNumber(row, 'errors'),
        tokens: readNumber(row, 'tokens'),
        latencyMs: readNumber(row, 'latency_ms'),
      }));
    },

    fold: (projectId, now) => foldMetrics(db, builder, projectId, now),
    expire: (projectId, now, keepFrom) => expireMetricRows(db, builder, projectId, now, keepFrom),
  };
}
