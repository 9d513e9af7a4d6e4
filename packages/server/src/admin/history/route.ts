import { type HistoryPage, historyPageSchema, historyQuerySchema } from '@scarmonit/protocol/admin/history';
import { answerJson } from '../../http/answer.ts';
import { dropNullish } from '../../http/drop-nullish.ts';
import { parseValue } from '../../http/parse-body.ts';
import { pathParam } from '../../http/path-param.ts';
import type { Route } from '../../route.ts';
import { toTrafficView } from '../rollouts/to-rollout-view.ts';

export const getHistory: Route = {
  method: 'GET',
  path: '/api/admin/models/:name/history',
  access: 'read',
  limited: false,
  operation: {
    id: 'getHistory',
    summary: 'Which versions served a model, with which weights, decided by whom and why; newest first.',
    tag: 'Admin',
    query: historyQuerySchema,
    answer: { status: 200, schemas: { HistoryPage: historyPageSchema } },
  },
  async handle(c, parts) {
    const { limit, ...from } = parseValue(historyQuerySchema, c.req.query());
    const model = pathParam(c, 'name');
    const revisions = await parts.services.rollouts.history(model, { limit: limit + 1, ...dropNullish(from) });
    const data = revisions.slice(0, limit).map(toTrafficView);
    const nextBefore = revisions.length > limit ? (data.at(-1)?.revision ?? null) : null;
    return answerJson(c, parts, { model, data, nextBefore } satisfies HistoryPage);
  },
};
