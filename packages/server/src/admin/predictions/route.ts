import { type PredictionPage, predictionPageSchema, predictionQuerySchema } from '@scarmonit/protocol/admin/prediction';
import { answerJson } from '../../http/answer.ts';
import { dropNullish } from '../../http/drop-nullish.ts';
import { parseValue } from '../../http/parse-body.ts';
import type { Route } from '../../route.ts';
import { toPredictionFilter, toPredictionView } from './prediction-view.ts';

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
    const { limit, before, after, ...query } = parseValue(predictionQuerySchema, c.req.query());
    const page = { limit, ...dropNullish({ before, after }) };
    const { projectId } = c.get('key');
    const found = await parts.services.predictions.find(projectId, toPredictionFilter(query), page);
    const body: PredictionPage = {
      data: found.predictions.map(toPredictionView),
      nextBefore: found.nextBefore ?? null,
    };
    return answerJson(c, parts, body);
  },
};
