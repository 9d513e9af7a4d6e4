import type { Outcome, PredictionRepository, PredictionSummary } from '@scarmonit/core/ports/prediction-repository';
import type { SqlDatabase, SqlRow } from '@scarmonit/core/ports/sql-database';
import { createInsertCompiler } from './compile-insert.ts';
import { compileStatement } from './compile-statement.ts';
import { findPredictions } from './find-predictions.ts';
import { toPrediction, toPredictionRow } from './prediction-rows.ts';
import { createQueryBuilder } from './query-builder.ts';
import { readNumber, readText } from './read-row.ts';
import type { PredictionRow } from './schema.ts';

/** Request records in SQL. Inserting a record that is there already changes nothing, so a failed batch may be retried. */
export function createPredictionRepository(db: SqlDatabase): PredictionRepository {
  const builder = createQueryBuilder(db.dialect);
  const compileInserts = createInsertCompiler((rows: readonly PredictionRow[]) =>
    builder
      .insertInto('predictions')
      .values(rows)
      .onConflict((conflict) => conflict.columns(['project_id', 'id']).doNothing()),
  );
  // By time and not by id: then the index on time ends the search at the first record that stays.
  const selectOldest = (projectId: string, createdBefore: number, limit: number) =>
    builder
      .selectFrom('predictions')
      .where('project_id', '=', projectId)
      .where('created_at', '<', createdBefore)
      .orderBy('created_at')
      .orderBy('id')
      .limit(limit);
  return {
    async insertMany(predictions) {
      if (predictions.length === 0) return;
      await db.batch(compileInserts(predictions.map(toPredictionRow)));
    },
    find: (projectId, filter, page) => findPredictions(db, builder, projectId, filter, page),
    async listOldest(projectId, createdBefore, limit) {
      const query = selectOldest(projectId, createdBefore, limit).selectAll();
      return (await db.query(compileStatement(query))).map(toPrediction);
    },
    async deleteBefore(projectId, createdBefore, limit) {
      const oldest = selectOldest(projectId, createdBefore, limit).select('id');
      const query = builder
        .deleteFrom('predictions')
        .where('project_id', '=', projectId)
        .where('id', 'in', oldest)
        .returning('id');
      return (await db.query(compileStatement(query))).length;
    },
    async summarize(projectId, since) {
      const query = builder
        .selectFrom('predictions')
        .select(({ fn }) => [
          'model',
          'version',
          'outcome',
          fn.countAll<number>().as('requests'),
          fn.sum<number>('input_tokens').as('input_tokens'),
          fn.sum<number>('output_tokens').as('output_tokens'),
          fn.sum<number>('cost_usd').as('cost_usd'),
        ])
        .where('project_id', '=', projectId)
        .where('created_at', '>=', since)
        .groupBy(['model', 'version', 'outcome'])
        .orderBy('model')
        .orderBy('version')
        .orderBy('outcome');
      return (await db.query(compileStatement(query))).map(toSummary);
    },
  };
}

function toSummary(row: SqlRow): PredictionSummary {
  return {
    model: readText(row, 'model'),
    version: readText(row, 'version'),
    outcome: readText(row, 'outcome') as Outcome,
    requests: readNumber(row, 'requests'),
    inputTokens: readNumber(row, 'input_tokens'),
    outputTokens: readNumber(row, 'output_tokens'),
    costUsd: readNumber(row, 'cost_usd'),
  };
}
