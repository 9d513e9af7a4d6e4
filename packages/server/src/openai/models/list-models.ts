import type { ModelInfo } from '@scarmonit/core/services/agent-services';
import { type Model, type ModelList, modelListSchema } from '@scarmonit/protocol/openai/model';
import { answerJson } from '../../http/answer.ts';
import { toSeconds } from '../../http/to-seconds.ts';
import type { Route } from '../../route.ts';

/** A model as OpenAI clients list it. */
export function toModel({ name, createdAt }: ModelInfo): Model {
  return { id: name, object: 'model', created: toSeconds(createdAt), owned_by: 'scarmonit' };
}

export const listModels: Route = {
  method: 'GET',
  path: '/v1/models',
  access: 'infer',
  limited: false,
  operation: {
    id: 'listModels',
    summary: 'The models that the key may use.',
    tag: 'OpenAI',
    answer: { status: 200, schemas: { ModelList: modelListSchema } },
  },
  handle(c, parts) {
    const data = parts.services.models.list(c.get('key')).map(toModel);
    return answerJson(c, parts, { object: 'list', data } satisfies ModelList);
  },
};
