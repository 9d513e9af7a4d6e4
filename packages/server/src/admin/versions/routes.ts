import type { VersionRecord } from '@scarmonit/core/services/agent-services';
import {
  deprecationSchema,
  type VersionRecordList,
  type VersionRecordView,
  versionRecordListSchema,
  versionRecordSchema,
} from '@scarmonit/protocol/admin/version';
import { answerJson } from '../../http/answer.ts';
import { dropNullish } from '../../http/drop-nullish.ts';
import { parseBody } from '../../http/parse-body.ts';
import { pathParam } from '../../http/path-param.ts';
import type { Route } from '../../route.ts';

const path = '/api/admin/models/:name/versions';
const answer = { status: 200, schemas: { VersionRecord: versionRecordSchema } } as const;

export const listVersions: Route = {
  method: 'GET',
  path,
  access: 'read',
  limited: false,
  operation: {
    id: 'listVersions',
    summary: 'The versions of a model that are registered or declared, with their status.',
    tag: 'Admin',
    answer: { status: 200, schemas: { VersionRecordList: versionRecordListSchema } },
  },
  async handle(c, parts) {
    const records = await parts.services.versions.list(pathParam(c, 'name'));
    return answerJson(c, parts, { data: records.map(toRecordView) } satisfies VersionRecordList);
  },
};

export const getVersion: Route = {
  method: 'GET',
  path: `${path}/:version`,
  access: 'read',
  limited: false,
  operation: {
    id: 'getVersion',
    summary: 'One version: status, digest, what it runs, model card.',
    tag: 'Admin',
    answer,
  },
  async handle(c, parts) {
    const record = await parts.services.versions.show(pathParam(c, 'name'), pathParam(c, 'version'));
    return answerJson(c, parts, toRecordView(record));
  },
};

export const registerVersion: Route = {
  method: 'PUT',
  path: `${path}/:version`,
  access: 'admin',
  limited: false,
  operation: {
    id: 'registerVersion',
    summary: "Register a version that the manifest does not declare: what would stand under its number, and 'card'.",
    tag: 'Admin',
    body: { contentType: 'text/yaml' },
    answer,
  },
  async handle(c, parts) {
    const [model, version] = [pathParam(c, 'name'), pathParam(c, 'version')];
    return answerJson(c, parts, toRecordView(await parts.services.versions.register(model, version, c.get('body'))));
  },
};

export const deprecateVersion: Route = {
  method: 'POST',
  path: `${path}/:version/deprecation`,
  access: 'admin',
  limited: false,
  operation: {
    id: 'deprecateVersion',
    summary: 'Take a version out of use, or back into it. A deprecated version answers only when it is pinned.',
    tag: 'Admin',
    body: { contentType: 'application/json', schemas: { Deprecation: deprecationSchema } },
    answer,
  },
  async handle(c, parts) {
    const { deprecated, reason = '', ...optional } = parseBody(deprecationSchema, c.get('body'));
    const decision = { deprecated, reason, by: c.get('key').prefix, ...dropNullish(optional) };
    const [model, version] = [pathParam(c, 'name'), pathParam(c, 'version')];
    return answerJson(c, parts, toRecordView(await parts.services.versions.deprecate(model, version, decision)));
  },
};

function toRecordView({ alias, state, deprecation, declaration, card, ...record }: VersionRecord): VersionRecordView {
  return {
    ...record,
    alias: alias ?? null,
    state: state ?? null,
    deprecation: deprecation === undefined ? null : { ...deprecation, sunsetAt: deprecation.sunsetAt ?? null },
    declaration: declaration === undefined ? null : { ...declaration },
    card: card === undefined ? null : { ...card },
  };
}
