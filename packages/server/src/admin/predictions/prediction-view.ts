import type { Prediction, PredictionFilter } from '@scarmonit/core/ports/prediction-repository';
import type { PredictionFilterQuery, PredictionView } from '@scarmonit/protocol/admin/prediction';
import { dropNullish } from '../../http/drop-nullish.ts';

/** A record as the API tells it: what only the store needs stays in it. */
export function toPredictionView(prediction: Prediction): PredictionView {
  return {
    id: prediction.id,
    requestId: prediction.requestId,
    createdAt: prediction.createdAt,
    keyId: prediction.keyId,
    model: prediction.model,
    version: prediction.version,
    route: prediction.route,
    outcome: prediction.outcome,
    status: prediction.status,
    stream: prediction.stream,
    latencyMs: prediction.latencyMs,
    firstTokenMs: prediction.firstTokenMs ?? null,
    queueMs: prediction.queueMs ?? null,
    inputTokens: prediction.inputTokens,
    outputTokens: prediction.outputTokens,
    costUsd: prediction.costUsd,
  };
}

/** The filter of a query, whatever else is in it. */
export function toPredictionFilter(query: PredictionFilterQuery): PredictionFilter {
  const { model, version, outcome, keyId, requestId, since, until, minLatencyMs } = query;
  return dropNullish({ model, version, outcome, keyId, requestId, since, until, minLatencyMs });
}
