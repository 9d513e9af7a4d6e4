import { type Summary, summaryQuerySchema, summarySchema } from '@scarmonit/protocol/admin/prediction';
import { answerJson } from '../../http/answer.ts';
import { parseValue } from '../../http/parse-body.ts';
import type { Route } from '../../route.ts';

const dayMs = 24 * 60 * 60 * 1000;

export const getSummary: Route = {
  method: 'GET',
  path: '/api/admin/summary',
  access: 'read',
  limited: false,
  operation: {
    id: 'getSummary',
    summary: 'Figures by model, version and outcome since a time, by default a day ago.',
    tag: 'Admin',
    query: summaryQuerySchema,
    answer: { status: 200, schemas: { Summary: summarySchema } },
  },
  async handle(c, parts) {
    const query = parseValue(summaryQuerySchema, c.req.query());
    const since = query.since ?? parts.clock.now() - dayMs;
    const data = await parts.services.predictions.summarize(c.get('key').projectId, since);
    return answerJson(c, parts, { since, data: [...data] } satisfies Summary);
  },
};
