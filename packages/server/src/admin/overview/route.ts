import { overviewQuerySchema, overviewSchema } from '@scarmonit/protocol/admin/overview';
import { answerJson } from '../../http/answer.ts';
import { dropNullish } from '../../http/drop-nullish.ts';
import { parseValue } from '../../http/parse-body.ts';
import type { Route } from '../../route.ts';
import { readWindow } from './read-window.ts';
import { toOverviewView } from './to-overview-view.ts';

export const getOverview: Route = {
  method: 'GET',
  path: '/api/admin/overview',
  access: 'read',
  limited: false,
  operation: {
    id: 'getOverview',
    summary: 'What each model is worth now: its figures beside its goals, and why where there are none.',
    tag: 'Admin',
    query: overviewQuerySchema,
    answer: { status: 200, schemas: { Overview: overviewSchema } },
  },
  async handle(c, parts) {
    const { model, window } = parseValue(overviewQuerySchema, c.req.query());
    const wanted = { windowMs: readWindow(window), ...dropNullish({ model }) };
    return answerJson(c, parts, toOverviewView(await parts.services.overview.report(wanted)));
  },
};
