import type {
  Outcome,
  Prediction,
  PredictionRepository,
  PredictionSummary,
} from '@scarmonit/core/ports/prediction-repository';
import type { SqlDatabase, SqlRow } from '@scarmonit/core/ports/sql-database';
import { createInsertCompiler } from './compile-insert.ts';
import { compileStatement } from './compile-statement.ts';
import { createQueryBuilder } from './query-builder.ts';
import { readNumber, readOptionalNumber, readOptionalText, readText } from './read-row.ts';
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
      await db.batch(compileInserts(predictions.map(toRow)));
    },
    async list(projectId, { limit, before }) {
      let query = builder.selectFrom('predictions').selectAll().where('project_id', '=', projectId);
      if (before !== undefined) query = query.where('id', '<', before);
      return (await db.query(compileStatement(query.orderBy('id', 'desc').limit(limit)))).map(toPrediction);
    },
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

function toRow(prediction: Prediction): PredictionRow {
  return {
    id: prediction.id,
    project_id: prediction.projectId,
    created_at: prediction.createdAt,
    request_id: prediction.requestId,
    key_id: prediction.keyId,
    model: prediction.model,
    version: prediction.version,
    route: prediction.route,
    outcome: prediction.outcome,
    status: prediction.status,
    stream: prediction.stream ? 1 : 0,
    latency_ms: prediction.latencyMs,
    first_token_ms: prediction.firstTokenMs ?? null,
    queue_ms: prediction.queueMs ?? null,
    input_tokens: prediction.inputTokens,
    output_tokens: prediction.outputTokens,
    cost_usd: prediction.costUsd,
    rollout_id: prediction.rolloutId ?? null,
    traffic_revision: prediction.trafficRevision ?? null,
    sticky_key: prediction.stickyKey ?? null,
    end_user: prediction.endUser ?? null,
    answer: prediction.answer ?? null,
  };
}

function toPrediction(row: SqlRow): Prediction {
  const firstTokenMs = readOptionalNumber(row, 'first_token_ms');
  const queueMs = readOptionalNumber(row, 'queue_ms');
  const rolloutId = readOptionalText(row, 'rollout_id');
  const trafficRevision = readOptionalNumber(row, 'traffic_revision');
  const stickyKey = readOptionalText(row, 'sticky_key');
  const endUser = readOptionalText(row, 'end_user');
  const answer = readOptionalText(row, 'answer');
  return {
    id: readText(row, 'id'),
    projectId: readText(row, 'project_id'),
    createdAt: readNumber(row, 'created_at'),
    requestId: readText(row, 'request_id'),
    keyId: readText(row, 'key_id'),
    model: readText(row, 'model'),
    version: readText(row, 'version'),
    route: readText(row, 'route'),
    outcome: readText(row, 'outcome') as Outcome,
    status: readNumber(row, 'status'),
    stream: readNumber(row, 'stream') === 1,
    latencyMs: readNumber(row, 'latency_ms'),
    ...(firstTokenMs === undefined ? {} : { firstTokenMs }),
    ...(queueMs === undefined ? {} : { queueMs }),
    inputTokens: readNumber(row, 'input_tokens'),
    outputTokens: readNumber(row, 'output_tokens'),
    costUsd: readNumber(row, 'cost_usd'),
    ...(rolloutId === undefined ? {} : { rolloutId }),
    ...(trafficRevision === undefined ? {} : { trafficRevision }),
    ...(stickyKey === undefined ? {} : { stickyKey }),
    ...(endUser === undefined ? {} : { endUser }),
    ...(answer === undefined ? {} : { answer }),
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
