import { modelSchema } from '@scarmonit/protocol/openai/model';
import { answerJson } from '../../http/answer.ts';
import { pathParam } from '../../http/path-param.ts';
import type { Route } from '../../route.ts';
import { toModel } from './list-models.ts';

export const retrieveModel: Route = {
  method: 'GET',
  path: '/v1/models/:id',
  access: 'infer',
  limited: false,
  operation: {
    id: 'retrieveModel',
    summary: 'One model.',
    tag: 'OpenAI',
    answer: { status: 200, schemas: { Model: modelSchema } },
  },
  handle(c, parts) {
    return answerJson(c, parts, toModel(parts.services.models.find(c.get('key'), pathParam(c, 'id'))));
  },
};
