import type { Direction } from '@scarmonit/core/anomalies/judge-window';
import type { Measure } from '@scarmonit/core/anomalies/measures';
import type { SubjectKind } from '@scarmonit/core/anomalies/usage';
import type { SubjectState } from '@scarmonit/core/anomalies/watch-subject';
import type {
  Anomaly,
  AnomalyRepository,
  KnownSubject,
  Subject,
  UsageRow,
} from '@scarmonit/core/ports/anomaly-repository';
import type { SqlDatabase, SqlRow, SqlStatement } from '@scarmonit/core/ports/sql-database';
import { sql } from 'kysely';
import type { AnomalyRow, KnownSubjectRow, UsageWindowRow } from './anomaly-schema.ts';
import { createInsertCompiler } from './compile-insert.ts';
import { compileStatement } from './compile-statement.ts';
import { createQueryBuilder } from './query-builder.ts';
import { readNumber, readOptionalNumber, readText } from './read-row.ts';

/** Subjects that are looked for in one statement, which binds two values for each. */
const subjectsAtOnce = 40;
/** SQLite takes no offset without a limit. */
const mostRows = 1_000_000;

/** Usage, what is usual of it and what was not, in SQL. */
export function createAnomalyRepository(db: SqlDatabase): AnomalyRepository {
  const builder = createQueryBuilder(db.dialect);
  const compileUsage = createInsertCompiler((rows: readonly UsageWindowRow[]) =>
    builder
      .insertInto('usage_windows')
      .values(rows)
      .onConflict((conflict) =>
        conflict
          .columns(['project_id', 'started_at', 'kind', 'subject', 'source'])
          .doUpdateSet((eb) => ({
            requests: eb.ref('excluded.requests'),
            errors: eb.ref('excluded.errors'),
            tokens: eb.ref('excluded.tokens'),
            latency: eb.ref('excluded.latency'),
          }))
          .where(sql<boolean>`excluded.requests >= usage_windows.requests`),
      ),
  );
  const compileSubjects = createInsertCompiler((rows: readonly KnownSubjectRow[]) =>
    builder
      .insertInto('known_subjects')
      .values(rows)
      .onConflict((conflict) =>
        conflict.columns(['project_id', 'kind', 'subject']).doUpdateSet((eb) => ({
          state: eb.ref('excluded.state'),
          usage_rank: eb.ref('excluded.usage_rank'),
          is_open: eb.ref('excluded.is_open'),
        })),
      ),
  );
  const compileAnomalies = createInsertCompiler((rows: readonly AnomalyRow[]) =>
    builder
      .insertInto('anomalies')
      .values(rows)
      .onConflict((conflict) =>
        conflict.columns(['project_id', 'id']).doUpdateSet((eb) => ({
          direction: eb.ref('excluded.direction'),
          value: eb.ref('excluded.value'),
          usual: eb.ref('excluded.usual'),
          is_peak: eb.ref('excluded.is_peak'),
          ended_at: eb.ref('excluded.ended_at'),
        })),
      ),
  );

  const findSome = (projectId: string, subjects: readonly Subject[]): SqlStatement =>
    compileStatement(
      builder
        .selectFrom('known_subjects')
        .selectAll()
        .where('project_id', '=', projectId)
        .where(({ eb, or, and }) =>
          or(subjects.map(({ kind, subject }) => and([eb('kind', '=', kind), eb('subject', '=', subject)]))),
        ),
    );

  /** Of each kind, whoever is used least goes when there are more than so many. */
  const forgetLeastUsed = (projectId: string, kind: SubjectKind, most: number): SqlStatement =>
    compileStatement(
      builder
        .deleteFrom('known_subjects')
        .where('project_id', '=', projectId)
        .where('kind', '=', kind)
        .where('subject', 'in', (eb) =>
          eb
            .selectFrom('known_subjects as ranked')
            .select('ranked.subject')
            .where('ranked.project_id', '=', projectId)
            .where('ranked.kind', '=', kind)
            .orderBy('ranked.usage_rank', 'desc')
            .limit(mostRows)
            .offset(most),
        ),
    );

  return {
    async addUsage(projectId, rows) {
      if (rows.length > 0) await db.batch(compileUsage(rows.map((row) => toUsageRow(projectId, row))));
    },

    async listUsage(projectId, startedAt) {
      const query = builder
        .selectFrom('usage_windows')
        .selectAll()
        .where('project_id', '=', projectId)
        .where('started_at', '=', startedAt)
        .orderBy('kind')
        .orderBy('subject')
        .orderBy('source');
      return (await db.query(compileStatement(query))).map(toUsage);
    },

    async readProgress(projectId) {
      const query = builder.selectFrom('usage_progress').selectAll().where('project_id', '=', projectId);
      const [row] = await db.query(compileStatement(query));
      return (
        row && {
          judgedUntil: readNumber(row, 'judged_until'),
          knownSince: readNumber(row, 'known_since'),
          watchedAt: readNumber(row, 'watched_at'),
        }
      );
    },

    async findSubjects(projectId, subjects) {
      if (subjects.length === 0) return [];
      const statements: SqlStatement[] = [];
      for (let from = 0; from < subjects.length; from += subjectsAtOnce) {
        statements.push(findSome(projectId, subjects.slice(from, from + subjectsAtOnce)));
      }
      return (await db.batch(statements)).flat().map(toKnownSubject);
    },

    async listWatched(projectId) {
      const query = builder
        .selectFrom('known_subjects')
        .select(['kind', 'subject'])
        .where('project_id', '=', projectId)
        .where(({ eb, or }) => or([eb('kind', '=', 'model'), eb('is_open', '=', 1)]))
        .orderBy('kind')
        .orderBy('subject');
      return (await db.query(compileStatement(query))).map(toSubject);
    },

    async saveSubjects(projectId, known, anomalies) {
      const statements = [
        ...compileSubjects(known.map((one) => toKnownSubjectRow(projectId, one))),
        ...compileAnomalies(anomalies.map((one) => toAnomalyRow(projectId, one))),
      ];
      if (statements.length > 0) await db.batch(statements);
    },

    async saveProgress(projectId, { judgedUntil, knownSince, watchedAt }, { mostOfAKind, keptFrom, endedBefore }) {
      const values = { judged_until: judgedUntil, known_since: knownSince, watched_at: watchedAt };
      await db.batch([
        compileStatement(
          builder
            .insertInto('usage_progress')
            .values({ project_id: projectId, ...values })
            .onConflict((conflict) => conflict.column('project_id').doUpdateSet(values)),
        ),
        compileStatement(
          builder.deleteFrom('usage_windows').where('project_id', '=', projectId).where('started_at', '<', judgedUntil),
        ),
        compileStatement(
          builder
            .updateTable('anomalies')
            .set({ ended_at: watchedAt })
            .where('project_id', '=', projectId)
            .where('ended_at', 'is', null)
            .where('since', '<', endedBefore),
        ),
        compileStatement(
          builder.deleteFrom('anomalies').where('project_id', '=', projectId).where('ended_at', '<', keptFrom),
        ),
        forgetLeastUsed(projectId, 'key', mostOfAKind),
        forgetLeastUsed(projectId, 'model', mostOfAKind),
      ]);
    },

    async list(projectId, { limit, isOpen, kind, subject, before }) {
      let query = builder.selectFrom('anomalies').selectAll().where('project_id', '=', projectId);
      if (isOpen !== undefined) query = query.where('ended_at', isOpen ? 'is' : 'is not', null);
      if (kind !== undefined) query = query.where('kind', '=', kind);
      if (subject !== undefined) query = query.where('subject', '=', subject);
      if (before !== undefined) query = query.where('id', '<', before);
      return (await db.query(compileStatement(query.orderBy('id', 'desc').limit(limit)))).map(toAnomaly);
    },

    async countOpen(projectId) {
      const query = builder
        .selectFrom('anomalies')
        .select(({ fn }) => fn.countAll<number>().as('open'))
        .where('project_id', '=', projectId)
        .where('ended_at', 'is', null);
      const [row] = await db.query(compileStatement(query));
      return row === undefined ? 0 : readNumber(row, 'open');
    },
  };
}

function toSubject(row: SqlRow): Subject {
  return { kind: readText(row, 'kind') as SubjectKind, subject: readText(row, 'subject') };
}

function toUsageRow(projectId: string, row: UsageRow): UsageWindowRow {
  return {
    project_id: projectId,
    started_at: row.startedAt,
    kind: row.kind,
    subject: row.subject,
    source: row.source,
    requests: row.requests,
    errors: row.errors,
    tokens: row.tokens,
    latency: JSON.stringify(row.latency),
  };
}

function toUsage(row: SqlRow): UsageRow {
  return {
    ...toSubject(row),
    startedAt: readNumber(row, 'started_at'),
    source: readText(row, 'source'),
    requests: readNumber(row, 'requests'),
    errors: readNumber(row, 'errors'),
    tokens: readNumber(row, 'tokens'),
    latency: JSON.parse(readText(row, 'latency')) as number[],
  };
}

function toKnownSubjectRow(projectId: string, { kind, subject, state, rank, isOpen }: KnownSubject): KnownSubjectRow {
  return {
    project_id: projectId,
    kind,
    subject,
    state: JSON.stringify(state),
    usage_rank: rank,
    is_open: isOpen ? 1 : 0,
  };
}

function toKnownSubject(row: SqlRow): KnownSubject {
  return {
    ...toSubject(row),
    state: JSON.parse(readText(row, 'state')) as SubjectState,
    rank: readNumber(row, 'usage_rank'),
    isOpen: readNumber(row, 'is_open') === 1,
  };
}

function toAnomalyRow(projectId: string, anomaly: Anomaly): AnomalyRow {
  return {
    project_id: projectId,
    id: anomaly.id,
    kind: anomaly.kind,
    subject: anomaly.subject,
    label: anomaly.label,
    measure: anomaly.measure,
    direction: anomaly.direction,
    value: anomaly.value,
    usual: anomaly.usual,
    is_peak: anomaly.isPeak ? 1 : 0,
    since: anomaly.since,
    ended_at: anomaly.until ?? null,
  };
}

function toAnomaly(row: SqlRow): Anomaly {
  const until = readOptionalNumber(row, 'ended_at');
  return {
    ...toSubject(row),
    id: readText(row, 'id'),
    label: readText(row, 'label'),
    measure: readText(row, 'measure') as Measure,
    direction: readText(row, 'direction') as Direction,
    value: readNumber(row, 'value'),
    usual: readNumber(row, 'usual'),
    isPeak: readNumber(row, 'is_peak') === 1,
    since: readNumber(row, 'since'),
    ...(until === undefined ? {} : { until }),
  };
}
