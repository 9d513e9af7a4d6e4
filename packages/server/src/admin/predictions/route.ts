import type { Prediction } from '@scarmonit/core/ports/prediction-repository';
import {
  type PredictionPage,
  type PredictionView,
  predictionPageSchema,
  predictionQuerySchema,
} from '@scarmonit/protocol/admin/prediction';
import { answerJson } from '../../http/answer.ts';
import { dropNullish } from '../../http/drop-nullish.ts';
import { parseValue } from '../../http/parse-body.ts';
import type { Route } from '../../route.ts';

export const listPredictions: Route = {
  method: 'GET',
  path: '/api/admin/predictions',
  access: 'read',
  limited: false,
  operation: {
    id: 'listPredictions',
    summary: 'Requests as they were recorded, newest first: figures only, no prompt and no answer.',
    tag: 'Admin',
    query: predictionQuerySchema,
    answer: { status: 200, schemas: { PredictionPage: predictionPageSchema } },
  },
  async handle(c, parts) {
    const { limit, before } = parseValue(predictionQuerySchema, c.req.query());
    // One more than asked for tells whether there is a next page.
    const page = { limit: limit + 1, ...dropNullish({ before }) };
    const rows = await parts.services.predictions.list(c.get('key').projectId, page);
    const data = rows.slice(0, limit).map(toPredictionView);
    const nextBefore = rows.length > limit ? (data.at(-1)?.id ?? null) : null;
    return answerJson(c, parts, { data, nextBefore } satisfies PredictionPage);
  },
};

function toPredictionView({ projectId: _, ...prediction }: Prediction): PredictionView {
  return { ...prediction, firstTokenMs: prediction.firstTokenMs ?? null, queueMs: prediction.queueMs ?? null };
}
