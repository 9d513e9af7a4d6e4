import type { Alert, AlertSilence } from '@scarmonit/core/alerts/alert';
import type { AlertRepository } from '@scarmonit/core/ports/alert-repository';
import type { SqlDatabase, SqlRow } from '@scarmonit/core/ports/sql-database';
import { compileStatement } from './compile-statement.ts';
import { createQueryBuilder } from './query-builder.ts';
import { readNumber, readText } from './read-row.ts';

/** Alerts in SQL. What makes a revision unique is one statement: an insert of the first, an update of the one before. */
export function createAlertRepository(db: SqlDatabase): AlertRepository {
  const builder = createQueryBuilder(db.dialect);
  return {
    async listActive(projectId) {
      const query = builder
        .selectFrom('alerts')
        .select('body')
        .where('project_id', '=', projectId)
        .where('is_active', '=', 1)
        .orderBy('id');
      return (await db.query(compileStatement(query))).map(toAlert);
    },

    async listResolved(projectId, { since, limit }) {
      const query = builder
        .selectFrom('alerts')
        .select('body')
        .where('project_id', '=', projectId)
        .where('resolved_at', '>=', since)
        .orderBy('resolved_at', 'desc')
        .orderBy('id', 'desc')
        .limit(limit);
      return (await db.query(compileStatement(query))).map(toAlert);
    },

    async save(projectId, alert) {
      const { id, revision } = alert;
      const isOpen = alert.state !== 'resolved';
      const content = {
        open_rule: isOpen ? alert.ruleId : null,
        is_active: isOpen || alert.message !== undefined ? 1 : 0,
        resolved_at: alert.resolvedAt ?? null,
        revision,
        body: JSON.stringify(alert),
      };
      const query =
        revision === 1
          ? builder
              .insertInto('alerts')
              .values({ id, project_id: projectId, ...content })
              .onConflict((conflict) => conflict.doNothing())
              .returning('id')
          : builder
              .updateTable('alerts')
              .set(content)
              .where('project_id', '=', projectId)
              .where('id', '=', id)
              .where('revision', '=', revision - 1)
              .returning('id');
      return (await db.query(compileStatement(query))).length > 0;
    },

    async forget(projectId, { id, revision }) {
      const query = builder
        .deleteFrom('alerts')
        .where('project_id', '=', projectId)
        .where('id', '=', id)
        .where('revision', '=', revision)
        .returning('id');
      return (await db.query(compileStatement(query))).length > 0;
    },

    async expire(projectId, before) {
      const alerts = builder.deleteFrom('alerts').where('project_id', '=', projectId).where('resolved_at', '<', before);
      const silences = builder
        .deleteFrom('alert_silences')
        .where('project_id', '=', projectId)
        .where('ends_at', '<', before);
      await db.batch([compileStatement(alerts), compileStatement(silences)]);
    },

    async listSilences(projectId, endAfter) {
      const query = builder
        .selectFrom('alert_silences')
        .select(['body', 'ends_at'])
        .where('project_id', '=', projectId)
        .where('ends_at', '>', endAfter)
        .orderBy('ends_at')
        .orderBy('id');
      return (await db.query(compileStatement(query))).map(toSilence);
    },

    async insertSilence(projectId, silence) {
      const row = { id: silence.id, project_id: projectId, ends_at: silence.until, body: JSON.stringify(silence) };
      await db.query(compileStatement(builder.insertInto('alert_silences').values(row)));
    },

    async endSilence(projectId, id, now) {
      const query = builder
        .updateTable('alert_silences')
        .set({ ends_at: now })
        .where('project_id', '=', projectId)
        .where('id', '=', id)
        .where('ends_at', '>', now)
        .returning('id');
      return (await db.query(compileStatement(query))).length > 0;
    },

    async markEvaluated(projectId, at) {
      const query = builder
        .insertInto('alert_rounds')
        .values({ project_id: projectId, evaluated_at: at })
        .onConflict((conflict) => conflict.column('project_id').doUpdateSet({ evaluated_at: at }));
      await db.query(compileStatement(query));
    },

    async lastEvaluated(projectId) {
      const query = builder.selectFrom('alert_rounds').select('evaluated_at').where('project_id', '=', projectId);
      const [row] = await db.query(compileStatement(query));
      return row === undefined ? undefined : readNumber(row, 'evaluated_at');
    },
  };
}

function toAlert(row: SqlRow): Alert {
  return JSON.parse(readText(row, 'body')) as Alert;
}

function toSilence(row: SqlRow): AlertSilence {
  return { ...(JSON.parse(readText(row, 'body')) as AlertSilence), until: readNumber(row, 'ends_at') };
}
