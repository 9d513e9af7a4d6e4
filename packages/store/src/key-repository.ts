import type { ApiKey, Scope } from '@scarmonit/core/keys/api-key';
import type { KeyRepository } from '@scarmonit/core/ports/key-repository';
import type { SqlDatabase, SqlRow } from '@scarmonit/core/ports/sql-database';
import { compileStatement } from './compile-statement.ts';
import { createQueryBuilder } from './query-builder.ts';
import { readNumber, readOptionalNumber, readOptionalText, readText } from './read-row.ts';
import type { ApiKeyRow } from './schema.ts';

/** API keys in SQL. */
export function createKeyRepository(db: SqlDatabase): KeyRepository {
  const builder = createQueryBuilder(db.dialect);
  return {
    async list(projectId) {
      const query = builder
        .selectFrom('api_keys')
        .selectAll()
        .where('project_id', '=', projectId)
        .orderBy('created_at')
        .orderBy('id');
      return (await db.query(compileStatement(query))).map(toKey);
    },
    async insert(key) {
      await db.query(compileStatement(builder.insertInto('api_keys').values(toRow(key))));
    },
    async revoke(projectId, id, revokedAt) {
      const query = builder
        .updateTable('api_keys')
        .set({ revoked_at: revokedAt })
        .where('project_id', '=', projectId)
        .where('id', '=', id)
        .where('revoked_at', 'is', null)
        .returning('id');
      return (await db.query(compileStatement(query))).length > 0;
    },
  };
}

function toRow(key: ApiKey): ApiKeyRow {
  return {
    id: key.id,
    project_id: key.projectId,
    name: key.name,
    prefix: key.prefix,
    sha256: key.sha256,
    scopes: JSON.stringify(key.scopes),
    models: key.models === undefined ? null : JSON.stringify(key.models),
    requests_per_minute: key.requestsPerMinute ?? null,
    tokens_per_minute: key.tokensPerMinute ?? null,
    created_at: key.createdAt,
    expires_at: key.expiresAt ?? null,
    revoked_at: key.revokedAt ?? null,
  };
}

function toKey(row: SqlRow): ApiKey {
  const models = readOptionalText(row, 'models');
  const requestsPerMinute = readOptionalNumber(row, 'requests_per_minute');
  const tokensPerMinute = readOptionalNumber(row, 'tokens_per_minute');
  const expiresAt = readOptionalNumber(row, 'expires_at');
  const revokedAt = readOptionalNumber(row, 'revoked_at');
  return {
    id: readText(row, 'id'),
    projectId: readText(row, 'project_id'),
    name: readText(row, 'name'),
    prefix: readText(row, 'prefix'),
    sha256: readText(row, 'sha256'),
    scopes: JSON.parse(readText(row, 'scopes')) as Scope[],
    ...(models === undefined ? {} : { models: JSON.parse(models) as string[] }),
    ...(requestsPerMinute === undefined ? {} : { requestsPerMinute }),
    ...(tokensPerMinute === undefined ? {} : { tokensPerMinute }),
    createdAt: readNumber(row, 'created_at'),
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...(revokedAt === undefined ? {} : { revokedAt }),
  };
}
