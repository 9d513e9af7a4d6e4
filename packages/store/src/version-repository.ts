import type { SqlDatabase } from '@scarmonit/core/ports/sql-database';
import type { VersionRepository } from '@scarmonit/core/ports/version-repository';
import { compileStatement } from './compile-statement.ts';
import { createQueryBuilder } from './query-builder.ts';
import { readNumber, readOptionalText, readText } from './read-row.ts';

/** Registered versions in SQL. Rows are never updated, so two queries need no transaction around them. */
export function createVersionRepository(db: SqlDatabase): VersionRepository {
  const builder = createQueryBuilder(db.dialect);

  const find = async (projectId: string, model: string, version: string): Promise<string | undefined> => {
    const query = builder
      .selectFrom('model_versions')
      .select('spec_digest')
      .where('project_id', '=', projectId)
      .where('model', '=', model)
      .where('version', '=', version);
    const [row] = await db.query(compileStatement(query));
    return row === undefined ? undefined : readText(row, 'spec_digest');
  };

  return {
    find,
    async findDeclaration(projectId, model, version) {
      const query = builder
        .selectFrom('model_versions')
        .select('declaration')
        .where('project_id', '=', projectId)
        .where('model', '=', model)
        .where('version', '=', version);
      const [row] = await db.query(compileStatement(query));
      return row === undefined ? undefined : readOptionalText(row, 'declaration');
    },
    async firstRegistrations(projectId) {
      const query = builder
        .selectFrom('model_versions')
        .select(({ fn }) => ['model', fn.min<number>('created_at').as('created_at')])
        .where('project_id', '=', projectId)
        .groupBy('model');
      const rows = await db.query(compileStatement(query));
      return new Map(rows.map((row) => [readText(row, 'model'), readNumber(row, 'created_at')]));
    },
    async register(projectId, model, version, specDigest, createdAt, declaration) {
      const query = builder
        .insertInto('model_versions')
        .values({ project_id: projectId, model, version, spec_digest: specDigest, created_at: createdAt, declaration })
        .onConflict((conflict) => conflict.columns(['project_id', 'model', 'version']).doNothing())
        .returning('version');
      const inserted = await db.query(compileStatement(query));
      if (inserted.length > 0) return 'registered';
      return (await find(projectId, model, version)) === specDigest ? 'same' : 'different';
    },
  };
}
