import type { Outcome, Prediction } from '@scarmonit/core/ports/prediction-repository';
import type { SqlRow } from '@scarmonit/core/ports/sql-database';
import { readNumber, readOptionalNumber, readOptionalText, readText } from './read-row.ts';
import type { PredictionRow } from './schema.ts';

export function toPredictionRow(prediction: Prediction): PredictionRow {
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

export function toPrediction(row: SqlRow): Prediction {
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
