import type { DriftState } from '@scarmonit/core/drift/drift-watch';
import type { DriftCount, DriftFeature, DriftRepository, KnownDrift } from '@scarmonit/core/ports/drift-repository';
import type { SqlDatabase, SqlRow } from '@scarmonit/core/ports/sql-database';
import { sql } from 'kysely';
import type { DriftCountRow, DriftFeatureRow } from './anomaly-schema.ts';
import { createInsertCompiler } from './compile-insert.ts';
import { compileStatement } from './compile-statement.ts';
import { createQueryBuilder } from './query-builder.ts';
import { readNumber, readText } from './read-row.ts';

/** SQLite takes no offset without a limit. */
const mostRows = 1_000_000;

/** Distributions by day, and what was learned of them, in SQL. */
export function createDriftRepository(db: SqlDatabase): DriftRepository {
  const builder = createQueryBuilder(db.dialect);
  const compileCounts = createInsertCompiler((rows: readonly DriftCountRow[]) =>
    builder
      .insertInto('drift_counts')
      .values(rows)
      .onConflict((conflict) =>
        conflict
          .columns(['project_id', 'day', 'model', 'version', 'feature', 'bin'])
          .doUpdateSet({ requests: sql<number>`drift_counts.requests + excluded.requests` }),
      ),
  );
  const compileFeatures = createInsertCompiler((rows: readonly DriftFeatureRow[]) =>
    builder
      .insertInto('drift_features')
      .values(rows)
      .onConflict((conflict) =>
        conflict
          .columns(['project_id', 'model', 'version', 'feature'])
          .doUpdateSet((eb) => ({ state: eb.ref('excluded.state'), last_day: eb.ref('excluded.last_day') })),
      ),
  );

  return {
    async add(projectId, counts) {
      // One statement must not add to the same row twice.
      const sums = new Map<string, DriftCount>();
      for (const count of counts) {
        const { day, model, version, feature, bin } = count;
        const name = JSON.stringify([day, model, version, feature, bin]);
        sums.set(name, { ...count, requests: count.requests + (sums.get(name)?.requests ?? 0) });
      }
      if (sums.size > 0) await db.batch(compileCounts([...sums.values()].map((count) => toCountRow(projectId, count))));
    },

    async listCounts(projectId, dayBefore) {
      const query = builder
        .selectFrom('drift_counts')
        .selectAll()
        .where('project_id', '=', projectId)
        .where('day', '<', dayBefore)
        .orderBy('day')
        .orderBy('model')
        .orderBy('version')
        .orderBy('feature')
        .orderBy('bin');
      return (await db.query(compileStatement(query))).map((row) => ({
        ...toFeature(row),
        day: readNumber(row, 'day'),
        bin: readText(row, 'bin'),
        requests: readNumber(row, 'requests'),
      }));
    },

    async list(projectId, model) {
      let query = builder.selectFrom('drift_features').selectAll().where('project_id', '=', projectId);
      if (model !== undefined) query = query.where('model', '=', model);
      const ordered = query.orderBy('model').orderBy('version').orderBy('feature');
      return (await db.query(compileStatement(ordered))).map((row) => ({
        ...toFeature(row),
        state: JSON.parse(readText(row, 'state')) as DriftState,
        lastDay: readNumber(row, 'last_day'),
      }));
    },

    async save(projectId, known, dayBefore, mostFeatures) {
      await db.batch([
        ...compileFeatures(known.map((one) => toFeatureRow(projectId, one))),
        compileStatement(
          builder.deleteFrom('drift_counts').where('project_id', '=', projectId).where('day', '<', dayBefore),
        ),
        compileStatement(
          builder
            .deleteFrom('drift_features')
            .where('project_id', '=', projectId)
            .where(({ eb, refTuple, selectFrom }) =>
              eb(
                refTuple('model', 'version', 'feature'),
                'in',
                selectFrom('drift_features as seen')
                  .select(['seen.model as model', 'seen.version as version', 'seen.feature as feature'])
                  .where('seen.project_id', '=', projectId)
                  .orderBy('seen.last_day', 'desc')
                  .orderBy('seen.model')
                  .orderBy('seen.version')
                  .orderBy('seen.feature')
                  .limit(mostRows)
                  .offset(mostFeatures)
                  .$asTuple('model', 'version', 'feature'),
              ),
            ),
        ),
      ]);
    },

    async forget(projectId, model) {
      const [forgotten = []] = await db.batch([
        compileStatement(
          builder
            .deleteFrom('drift_features')
            .where('project_id', '=', projectId)
            .where('model', '=', model)
            .returning('feature'),
        ),
        compileStatement(
          builder.deleteFrom('drift_counts').where('project_id', '=', projectId).where('model', '=', model),
        ),
      ]);
      return forgotten.length;
    },
  };
}

function toFeature(row: SqlRow): DriftFeature {
  return { model: readText(row, 'model'), version: readText(row, 'version'), feature: readText(row, 'feature') };
}

function toCountRow(projectId: string, count: DriftCount): DriftCountRow {
  const { day, model, version, feature, bin, requests } = count;
  return { project_id: projectId, day, model, version, feature, bin, requests };
}

function toFeatureRow(projectId: string, { model, version, feature, state, lastDay }: KnownDrift): DriftFeatureRow {
  return { project_id: projectId, model, version, feature, state: JSON.stringify(state), last_day: lastDay };
}
