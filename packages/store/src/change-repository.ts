import type { ChangeRepository } from '@scarmonit/core/ports/change-repository';
import type { SqlDatabase, SqlRow } from '@scarmonit/core/ports/sql-database';
import { sql } from 'kysely';
import { compileStatement } from './compile-statement.ts';
import { createQueryBuilder } from './query-builder.ts';

/**
 * Marks in SQL. The tables that grow are asked for the end of their primary key, which costs one row each; the others
 * have a row a decision.
 */
export function createChangeRepository(db: SqlDatabase): ChangeRepository {
  const builder = createQueryBuilder(db.dialect);
  return {
    async readMarks(projectId) {
      const [
        requests,
        receipts,
        traffic,
        states,
        keys,
        versions,
        statuses,
        alerts,
        silences,
        begun,
        ended,
        open,
        drift,
      ] = await db.batch(
        [
          builder
            .selectFrom('predictions')
            .select(({ fn }) => fn.max('id').as('mark'))
            .where('project_id', '=', projectId),
          builder
            .selectFrom('receipts')
            .select(({ fn }) => fn.max('sequence').as('mark'))
            .where('project_id', '=', projectId),
          builder
            .selectFrom('traffic_revisions')
            .select(({ fn }) => fn.countAll().as('mark'))
            .where('project_id', '=', projectId),
          builder.selectFrom('rollout_states').select(({ fn }) => fn.countAll().as('mark')),
          builder
            .selectFrom('api_keys')
            .select(({ fn }) => [fn.countAll().as('mark'), fn.count('revoked_at').as('revoked')])
            .where('project_id', '=', projectId),
          builder
            .selectFrom('model_versions')
            .select(({ fn }) => fn.countAll().as('mark'))
            .where('project_id', '=', projectId),
          builder
            .selectFrom('version_statuses')
            .select(({ fn }) => fn.countAll().as('mark'))
            .where('project_id', '=', projectId),
          builder
            .selectFrom('alerts')
            .select(({ fn }) => [
              fn.max('id').as('newest'),
              fn.countAll().as('mark'),
              fn.sum('revision').as('revisions'),
            ])
            .where('project_id', '=', projectId),
          builder
            .selectFrom('alert_silences')
            .select(({ fn }) => [fn.countAll().as('mark'), fn.sum('ends_at').as('ends')])
            .where('project_id', '=', projectId),
          builder
            .selectFrom('anomalies')
            .select(({ fn }) => fn.max('id').as('mark'))
            .where('project_id', '=', projectId),
          builder
            .selectFrom('anomalies')
            .select(({ fn }) => fn.max('ended_at').as('mark'))
            .where('project_id', '=', projectId),
          builder
            .selectFrom('anomalies')
            .select(({ fn }) => [fn.countAll().as('mark'), fn.sum('value').as('values')])
            .where('project_id', '=', projectId)
            .where('ended_at', 'is', null),
          // At most some hundred rows, since the least used are forgotten.
          builder
            .selectFrom('drift_features')
            .select(({ fn }) => [
              fn.countAll().as('mark'),
              fn.sum('last_day').as('days'),
              fn.sum<number>(sql`length(state)`).as('lengths'),
            ])
            .where('project_id', '=', projectId),
        ].map((query) => compileStatement(query)),
      );
      return {
        requests: toMark(requests),
        receipts: toMark(receipts),
        rollouts: toMark(traffic, states),
        keys: toMark(keys),
        models: toMark(traffic, versions, statuses),
        alerts: toMark(alerts, silences),
        anomalies: toMark(begun, ended, open),
        drift: toMark(drift),
      };
    },
  };
}

function toMark(...results: readonly (readonly SqlRow[] | undefined)[]): string {
  return results
    .flatMap((rows = []) => rows.flatMap((row) => Object.values(row)))
    .map(String)
    .join('|');
}
