import type { FeedbackScoreRepository } from '@scarmonit/core/ports/metrics-repository';
import type { SqlDatabase } from '@scarmonit/core/ports/sql-database';
import { sql } from 'kysely';
import { compileStatement } from './compile-statement.ts';
import { createQueryBuilder } from './query-builder.ts';
import { readNumber, readText } from './read-row.ts';

/** Joins feedback with requests when it is read, so that either may come first. */
export function createFeedbackScoreRepository(db: SqlDatabase): FeedbackScoreRepository {
  const builder = createQueryBuilder(db.dialect);
  const last = (column: 'label_digest' | 'rating' | 'completed') => sql`(
    select f.${sql.ref(column)} from feedback f where f.project_id = p.project_id and f.request_id = p.request_id
      and f.${sql.ref(column)} is not null order by f.id desc limit 1)`;
  const count = (condition: ReturnType<typeof sql>) => sql`coalesce(sum(case when ${condition} then 1 else 0 end), 0)`;
  return {
    async score(projectId, from) {
      // Feedback is younger than its request, and there is less of it: so it is what the search begins with, and the
      // cross join keeps a planner from beginning with the requests. Clients may send request ids of their own: of several
      // requests with one id the first is meant.
      const query = sql`
        with asked as (
          select (
            select min(q.id) from predictions q
            where q.project_id = ${projectId} and q.request_id = said.request_id
              and q.created_at >= ${from} and q.outcome = 'ok'
          ) as prediction_id
          from (select distinct request_id from feedback where project_id = ${projectId} and created_at >= ${from}) as said
        ),
        told as (
          select p.model, p.version, p.answer, ${last('label_digest')} as label, ${last('rating')} as rating,
            ${last('completed')} as completed
          from asked cross join predictions p
          where p.project_id = ${projectId} and p.id = asked.prediction_id
        )
        select model, version,
          ${count(sql`label is not null and answer is not null`)} as labelled,
          ${count(sql`label = answer`)} as right_ones,
          ${count(sql`rating is not null`)} as rated,
          ${count(sql`rating >= 0.5`)} as satisfied,
          ${count(sql`completed is not null`)} as tasks,
          ${count(sql`completed = 1`)} as completed
        from told group by model, version order by model, version`;
      const rows = await db.query(compileStatement({ compile: () => query.compile(builder) }));
      return rows.map((row) => ({
        model: readText(row, 'model'),
        version: readText(row, 'version'),
        labelled: readNumber(row, 'labelled'),
        right: readNumber(row, 'right_ones'),
        rated: readNumber(row, 'rated'),
        satisfied: readNumber(row, 'satisfied'),
        tasks: readNumber(row, 'tasks'),
        completed: readNumber(row, 'completed'),
      }));
    },
  };
}
