import type { FeedbackScoreRepository } from '@scarmonit/core/ports/metrics-repository';
import type { SqlDatabase } from '@scarmonit/core/ports/sql-database';
import { sql } from 'kysely';
import { compileStatement } from './compile-statement.ts';
import { createQueryBuilder } from './query-builder.ts';
import { readNumber, readText } from './read-row.ts';

/** Joins feedback with requests when it is read, so that either may come first. */
export function createFeedbackScoreRepository(db: SqlDatabase): FeedbackScoreRepository {
  const builder = createQueryBuilder(db.dialect);
  const last = (column: 'label_digest' | 'rating' | 'completed') =>
    sql`max(case when ${sql.ref(column)} is not null then id end)`;
  const count = (condition: ReturnType<typeof sql>) => sql`coalesce(sum(case when ${condition} then 1 else 0 end), 0)`;
  return {
    async score(projectId, from) {
      // Feedback is younger than its request, and there is less of it: so it is what the search begins with. The cross join
      // keeps a planner from beginning with the requests, and `+ 0` from looking them up by their time. Clients may send
      // request ids of their own: of several requests with one id the first is meant.
      const query = sql`
        with said as (
          select request_id, ${last('label_digest')} as label_id, ${last('rating')} as rating_id,
            ${last('completed')} as completed_id
          from feedback where project_id = ${projectId} and created_at >= ${from} group by request_id
        ),
        answered as (
          select p.model, p.version, p.answer, s.label_id, s.rating_id, s.completed_id,
            row_number() over (partition by p.request_id order by p.id) as nth
          from said s cross join predictions p
          where p.project_id = ${projectId} and p.request_id = s.request_id
            and p.created_at + 0 >= ${from} and p.outcome = 'ok'
        ),
        told as (
          select a.model, a.version, a.answer, l.label_digest as label, r.rating, c.completed
          from answered a
          left join feedback l on l.project_id = ${projectId} and l.id = a.label_id
          left join feedback r on r.project_id = ${projectId} and r.id = a.rating_id
          left join feedback c on c.project_id = ${projectId} and c.id = a.completed_id
          where a.nth = 1
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
