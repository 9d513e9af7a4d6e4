import {
  type CreatedKey,
  createdKeySchema,
  type KeyList,
  keyListSchema,
  keySchema,
  newKeySchema,
} from '@scarmonit/protocol/admin/key';
import { answerJson } from '../../http/answer.ts';
import { dropNullish } from '../../http/drop-nullish.ts';
import { parseBody } from '../../http/parse-body.ts';
import { pathParam } from '../../http/path-param.ts';
import type { Route } from '../../route.ts';
import { toKeyView } from './to-key-view.ts';

const path = '/api/admin/keys';

export const listKeys: Route = {
  method: 'GET',
  path,
  access: 'read',
  limited: false,
  operation: {
    id: 'listKeys',
    summary: 'The API keys, revoked ones too.',
    tag: 'Admin',
    answer: { status: 200, schemas: { KeyList: keyListSchema } },
  },
  async handle(c, parts) {
    const keys = await parts.services.keys.list(c.get('key').projectId);
    return answerJson(c, parts, { data: keys.map(toKeyView) } satisfies KeyList);
  },
};

export const createKey: Route = {
  method: 'POST',
  path,
  access: 'admin',
  limited: false,
  operation: {
    id: 'createKey',
    summary: 'Make an API key. Its secret is in this answer and nowhere else.',
    tag: 'Admin',
    body: { contentType: 'application/json', schemas: { NewKey: newKeySchema } },
    answer: { status: 201, schemas: { CreatedKey: createdKeySchema } },
  },
  async handle(c, parts) {
    const { name, scopes, ...optional } = parseBody(newKeySchema, c.get('body'));
    const wanted = { name, scopes, ...dropNullish(optional) };
    const { key, secret } = await parts.services.keys.create(c.get('key').projectId, wanted);
    return answerJson(c, parts, { key: toKeyView(key), secret } satisfies CreatedKey, 201);
  },
};

export const revokeKey: Route = {
  method: 'DELETE',
  path: `${path}/:id`,
  access: 'admin',
  limited: false,
  operation: {
    id: 'revokeKey',
    summary: 'Revoke an API key, at once.',
    tag: 'Admin',
    answer: { status: 200, schemas: { Key: keySchema } },
  },
  async handle(c, parts) {
    const key = await parts.services.keys.revoke(c.get('key').projectId, pathParam(c, 'id'));
    return answerJson(c, parts, toKeyView(key));
  },
};
