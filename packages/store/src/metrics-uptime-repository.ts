import type { UptimeRepository } from '@scarmonit/core/ports/metrics-repository';
import type { SqlDatabase } from '@scarmonit/core/ports/sql-database';
import { sql } from 'kysely';
import { createInsertCompiler } from './compile-insert.ts';
import { compileStatement } from './compile-statement.ts';
import type { UptimeSpanRow } from './metrics-schema.ts';
import { createQueryBuilder } from './query-builder.ts';
import { readNumber, readText } from './read-row.ts';

/** Heartbeats in SQL: one row a stretch without a gap. */
export function createUptimeRepository(db: SqlDatabase): UptimeRepository {
  const builder = createQueryBuilder(db.dialect);
  const compileSpans = createInsertCompiler((rows: readonly UptimeSpanRow[]) =>
    builder
      .insertInto('uptime_spans')
      .values(rows)
      .onConflict((conflict) =>
        conflict
          .columns(['project_id', 'model', 'started_at', 'source'])
          .doUpdateSet((eb) => ({ last_at: eb.ref('excluded.last_at') }))
          .where(sql<boolean>`excluded.last_at > uptime_spans.last_at`),
      ),
  );
  return {
    async beat(projectId, source, spans) {
      if (spans.length === 0) return;
      await db.batch(
        compileSpans(
          spans.map(({ model, startedAt, lastAt }) => ({
            project_id: projectId,
            model,
            source,
            started_at: startedAt,
            last_at: lastAt,
          })),
        ),
      );
    },

    async list(projectId, since) {
      const query = builder
        .selectFrom('uptime_spans')
        .selectAll()
        .where('project_id', '=', projectId)
        .where('last_at', '>=', since)
        .orderBy('model')
        .orderBy('started_at');
      return (await db.query(compileStatement(query))).map((row) => ({
        model: readText(row, 'model'),
        startedAt: readNumber(row, 'started_at'),
        lastAt: readNumber(row, 'last_at'),
      }));
    },

    async firstBeats(projectId) {
      const query = builder
        .selectFrom('uptime_spans')
        .select(({ fn }) => ['model', fn.min('started_at').as('first')])
        .where('project_id', '=', projectId)
        .groupBy('model');
      const rows = await db.query(compileStatement(query));
      return new Map(rows.map((row) => [readText(row, 'model'), readNumber(row, 'first')]));
    },

    async expire(projectId, endedBefore) {
      const query = builder
        .deleteFrom('uptime_spans')
        .where('project_id', '=', projectId)
        .where('last_at', '<', endedBefore);
      await db.query(compileStatement(query));
    },
  };
}
