import type { SessionRepository } from '@scarmonit/core/ports/session-repository';
import type { SqlDatabase } from '@scarmonit/core/ports/sql-database';
import { compileStatement } from './compile-statement.ts';
import { createQueryBuilder } from './query-builder.ts';
import { readNumber, readText } from './read-row.ts';

/** Sessions in SQL. */
export function createSessionRepository(db: SqlDatabase): SessionRepository {
  const builder = createQueryBuilder(db.dialect);
  return {
    async insert(session) {
      const row = {
        sha256: session.sha256,
        project_id: session.projectId,
        key_id: session.keyId,
        created_at: session.createdAt,
        expires_at: session.expiresAt,
      };
      await db.query(compileStatement(builder.insertInto('sessions').values(row)));
    },
    async find(sha256) {
      const query = builder.selectFrom('sessions').selectAll().where('sha256', '=', sha256);
      const [row] = await db.query(compileStatement(query));
      if (row === undefined) return undefined;
      return {
        sha256: readText(row, 'sha256'),
        projectId: readText(row, 'project_id'),
        keyId: readText(row, 'key_id'),
        createdAt: readNumber(row, 'created_at'),
        expiresAt: readNumber(row, 'expires_at'),
      };
    },
    async delete(sha256) {
      await db.query(compileStatement(builder.deleteFrom('sessions').where('sha256', '=', sha256)));
    },
    async deleteExpired(now) {
      await db.query(compileStatement(builder.deleteFrom('sessions').where('expires_at', '<=', now)));
    },
  };
}
