import type { ManifestRepository } from '@scarmonit/core/ports/manifest-repository';
import type { SqlDatabase } from '@scarmonit/core/ports/sql-database';
import { compileStatement } from './compile-statement.ts';
import { createQueryBuilder } from './query-builder.ts';
import { readNumber, readText } from './read-row.ts';

/** Applied manifests in SQL. Rows are only ever added; the primary key lets one of several writers be the next. */
export function createManifestRepository(db: SqlDatabase): ManifestRepository {
  const builder = createQueryBuilder(db.dialect);
  return {
    async latestRevision(projectId) {
      const query = builder
        .selectFrom('manifests')
        .select('revision')
        .where('project_id', '=', projectId)
        .orderBy('revision', 'desc')
        .limit(1);
      const [row] = await db.query(compileStatement(query));
      return row === undefined ? 0 : readNumber(row, 'revision');
    },
    async find(projectId, revision) {
      const query = builder
        .selectFrom('manifests')
        .select(['revision', 'text'])
        .where('project_id', '=', projectId)
        .where('revision', '=', revision);
      const [row] = await db.query(compileStatement(query));
      return row === undefined ? undefined : { revision: readNumber(row, 'revision'), text: readText(row, 'text') };
    },
    async append(projectId, { revision, text }, appliedAt) {
      const query = builder
        .insertInto('manifests')
        .values({ project_id: projectId, revision, text, applied_at: appliedAt })
        .onConflict((conflict) => conflict.columns(['project_id', 'revision']).doNothing())
        .returning('revision');
      return (await db.query(compileStatement(query))).length > 0;
    },
  };
}
