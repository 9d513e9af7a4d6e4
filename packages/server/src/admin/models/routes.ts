import { type ModelViewList, modelViewListSchema, modelViewSchema } from '@scarmonit/protocol/admin/model';
import { answerJson } from '../../http/answer.ts';
import { pathParam } from '../../http/path-param.ts';
import type { Route } from '../../route.ts';
import { toModelView } from './to-model-view.ts';

const path = '/api/admin/models';

export const listModelViews: Route = {
  method: 'GET',
  path,
  access: 'read',
  limited: false,
  operation: {
    id: 'listModelViews',
    summary: 'The models with the state and live figures of each version.',
    tag: 'Admin',
    answer: { status: 200, schemas: { ModelViewList: modelViewListSchema } },
  },
  async handle(c, parts) {
    const { models } = parts.services;
    const data = await Promise.all(
      models.list(c.get('key')).map(async (model) => toModelView(model, await models.stats(model.name))),
    );
    return answerJson(c, parts, { data } satisfies ModelViewList);
  },
};

export const getModelView: Route = {
  method: 'GET',
  path: `${path}/:name`,
  access: 'read',
  limited: false,
  operation: {
    id: 'getModelView',
    summary: 'One model with the state and live figures of each version.',
    tag: 'Admin',
    answer: { status: 200, schemas: { ModelView: modelViewSchema } },
  },
  async handle(c, parts) {
    const model = parts.services.models.find(c.get('key'), pathParam(c, 'name'));
    return answerJson(c, parts, toModelView(model, await parts.services.models.stats(model.name)));
  },
};
