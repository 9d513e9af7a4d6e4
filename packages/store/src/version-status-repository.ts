import type { SqlDatabase, SqlRow } from '@scarmonit/core/ports/sql-database';
import type {
  RegisteredVersion,
  VersionStatus,
  VersionStatusRecord,
  VersionStatusRepository,
} from '@scarmonit/core/ports/version-status-repository';
import { compileStatement } from './compile-statement.ts';
import { createQueryBuilder } from './query-builder.ts';
import { readNumber, readOptionalNumber, readOptionalText, readText } from './read-row.ts';

/** What is said of registered versions, in SQL. A word is never updated: a revision is a primary key. */
export function createVersionStatusRepository(db: SqlDatabase): VersionStatusRepository {
  const builder = createQueryBuilder(db.dialect);
  return {
    async list(projectId, model) {
      let versions = builder.selectFrom('model_versions').selectAll().where('project_id', '=', projectId);
      let said = builder.selectFrom('version_statuses').selectAll().where('project_id', '=', projectId);
      let stable = builder
        .selectFrom('traffic_revisions')
        .select(['model', 'stable'])
        .distinct()
        .where('project_id', '=', projectId);
      if (model !== undefined) {
        versions = versions.where('model', '=', model);
        said = said.where('model', '=', model);
        stable = stable.where('model', '=', model);
      }
      const [registered = [], words = [], stables = []] = await db.batch([
        compileStatement(versions.orderBy('created_at').orderBy('model').orderBy('version')),
        compileStatement(said.orderBy('revision')),
        compileStatement(stable),
      ]);
      const newest = newestWords(words);
      const everStable = new Set(stables.map((row) => nameOf(readText(row, 'model'), readText(row, 'stable'))));
      return registered.map((row) => toRegistered(row, newest, everStable));
    },

    async listDeprecated(projectId) {
      const words = builder.selectFrom('version_statuses').selectAll().where('project_id', '=', projectId);
      const rows = await db.query(compileStatement(words.orderBy('revision')));
      return [...newestWords(rows).values()].filter(({ status }) => status === 'deprecated');
    },

    async append(projectId, record) {
      const query = builder
        .insertInto('version_statuses')
        .values({
          project_id: projectId,
          model: record.model,
          version: record.version,
          revision: record.revision,
          status: record.status,
          sunset_at: record.sunsetAt ?? null,
          decided_by: record.decidedBy,
          reason: record.reason,
          created_at: record.createdAt,
        })
        .onConflict((conflict) => conflict.columns(['project_id', 'model', 'version', 'revision']).doNothing())
        .returning('revision');
      return (await db.query(compileStatement(query))).length > 0;
    },

    async keepCard(projectId, model, version, card) {
      const query = builder
        .updateTable('model_versions')
        .set({ card })
        .where('project_id', '=', projectId)
        .where('model', '=', model)
        .where('version', '=', version)
        .where('card', 'is', null);
      await db.query(compileStatement(query));
    },
  };
}

/** @param rows in the order of their revisions: later ones overwrite earlier ones */
function newestWords(rows: readonly SqlRow[]): ReadonlyMap<string, VersionStatusRecord> {
  return new Map(rows.map(toRecord).map((word) => [nameOf(word.model, word.version), word]));
}

function nameOf(model: string, version: string): string {
  return `${model}@${version}`;
}

function toRegistered(
  row: SqlRow,
  newest: ReadonlyMap<string, VersionStatusRecord>,
  everStable: ReadonlySet<string>,
): RegisteredVersion {
  const model = readText(row, 'model');
  const version = readText(row, 'version');
  const declaration = readOptionalText(row, 'declaration');
  const card = readOptionalText(row, 'card');
  const said = newest.get(nameOf(model, version));
  return {
    model,
    version,
    digest: readText(row, 'spec_digest'),
    createdAt: readNumber(row, 'created_at'),
    ...(declaration === undefined ? {} : { declaration }),
    ...(card === undefined ? {} : { card }),
    ...(said === undefined ? {} : { said }),
    wasStable: everStable.has(nameOf(model, version)),
  };
}

function toRecord(row: SqlRow): VersionStatusRecord {
  const sunsetAt = readOptionalNumber(row, 'sunset_at');
  return {
    model: readText(row, 'model'),
    version: readText(row, 'version'),
    revision: readNumber(row, 'revision'),
    status: readText(row, 'status') as VersionStatus,
    ...(sunsetAt === undefined ? {} : { sunsetAt }),
    decidedBy: readText(row, 'decided_by'),
    reason: readText(row, 'reason'),
    createdAt: readNumber(row, 'created_at'),
  };
}
