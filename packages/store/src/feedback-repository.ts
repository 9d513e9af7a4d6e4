import type { Arm, EventKind, Unit } from '@scarmonit/core/gates/facts';
import type { FeedbackRepository } from '@scarmonit/core/ports/feedback-repository';
import type { SqlDatabase } from '@scarmonit/core/ports/sql-database';
import { type RawBuilder, sql } from 'kysely';
import { compileStatement } from './compile-statement.ts';
import { createQueryBuilder } from './query-builder.ts';
import { readNumber, readOptionalNumber, readText } from './read-row.ts';

/** Feedback in SQL, joined with the records of requests when it is read, so that either may come first. */
export function createFeedbackRepository(db: SqlDatabase): FeedbackRepository {
  const builder = createQueryBuilder(db.dialect);
  const compile = (query: RawBuilder<unknown>) => compileStatement({ compile: () => query.compile(builder) });
  return {
    async insert(feedback) {
      const query = builder.insertInto('feedback').values({
        project_id: feedback.projectId,
        id: feedback.id,
        request_id: feedback.requestId,
        key_id: feedback.keyId,
        label: feedback.label ?? null,
        label_digest: feedback.labelDigest ?? null,
        rating: feedback.rating ?? null,
        completed: feedback.completed === undefined ? null : Number(feedback.completed),
        created_at: feedback.createdAt,
      });
      await db.query(compileStatement(query));
    },

    async sumForRollout({ projectId, id, to }, bucketRequests) {
      const judged = judgedRequests(projectId, id, to);
      const [exposures = [], buckets = [], pairs = []] = await db.batch([
        compile(sql`${judged} ${countExposures}`),
        compile(sql`${judged} ${countBuckets(bucketRequests)}`),
        compile(countPairs(projectId, id)),
      ]);
      const [pair = {}] = pairs;
      return {
        exposures: exposures.map((row) => ({
          revision: readNumber(row, 'revision'),
          weight: readNumber(row, 'weight'),
          arm: readText(row, 'arm') as Arm,
          event: readText(row, 'event') as EventKind,
          unit: readText(row, 'unit') as Unit,
          exposed: readNumber(row, 'exposed'),
          events: readNumber(row, 'events'),
        })),
        buckets: buckets.map((row) => ({
          revision: readNumber(row, 'revision'),
          arm: readText(row, 'arm') as Arm,
          event: readText(row, 'event') as EventKind,
          requests: readNumber(row, 'requests'),
          events: readNumber(row, 'events'),
          buckets: readNumber(row, 'buckets'),
        })),
        pairs: {
          worse: readOptionalNumber(pair, 'worse') ?? 0,
          better: readOptionalNumber(pair, 'better') ?? 0,
          same: readOptionalNumber(pair, 'same') ?? 0,
        },
      };
    },
  };
}

/**
 * `judged`: a row for each request of the rollout and each event that its feedback speaks of. It starts from the feedback,
 * of which there is less than of requests. A request has its place from the first word about it, and what the last one
 * says. Clients may send request ids of their own: of several requests with one id the first is meant.
 *
 * Requests are found by their rollout, which is of one project: were the project asked for as well, SQLite, which knows no
 * statistics here, would read all requests of the project for each feedback.
 */
function judgedRequests(projectId: string, rolloutId: string, to: string): RawBuilder<unknown> {
  return sql`
    with said as (
      select request_id, id, 'unsatisfied' as event, case when rating < 0.5 then 1 else 0 end as happened
      from feedback where project_id = ${projectId} and rating is not null
      union all
      select request_id, id, 'task-not-completed' as event, 1 - completed as happened
      from feedback where project_id = ${projectId} and completed is not null
    ),
    told as (
      select request_id, event, happened, min(id) over (partition by request_id, event) as first_id,
        row_number() over (partition by request_id, event order by id desc) as nth_last
      from said
    ),
    answered as (
      select told.first_id, told.event, told.happened, p.project_id, p.model, p.traffic_revision, p.sticky_key,
        case when p.version = ${to} then 'candidate' else 'stable' end as arm,
        row_number() over (partition by told.request_id, told.event order by p.id) as nth
      from told
      join predictions p on p.rollout_id = ${rolloutId} and p.request_id = told.request_id
      where told.nth_last = 1 and p.outcome = 'ok' and p.traffic_revision is not null
    ),
    judged as (
      select a.first_id as id, a.event, a.traffic_revision as revision, t.weight, a.sticky_key, a.arm, a.happened
      from answered a
      join traffic_revisions t
        on t.project_id = a.project_id and t.model = a.model and t.revision = a.traffic_revision
      where a.nth = 1
    )`;
}

/**
 * By request, and under sticky assignment by key as well: a key is exposed once a rollout to each event, and has it once,
 * where it first did, as with {@link KeySighting}.
 */
const countExposures = sql`,
  sightings as (
    select revision, weight, arm, event, happened,
      row_number() over (partition by sticky_key, event order by revision, id) as nth,
      row_number() over (partition by sticky_key, event, happened order by revision, id) as nth_alike
    from judged where sticky_key is not null
  )
  select revision, weight, arm, event, 'request' as unit, count(*) as exposed, sum(happened) as events
  from judged group by revision, weight, arm, event
  union all
  select revision, weight, arm, event, 'key' as unit,
    sum(case when nth = 1 then 1 else 0 end) as exposed,
    sum(case when happened = 1 and nth_alike = 1 then 1 else 0 end) as events
  from sightings where nth = 1 or (happened = 1 and nth_alike = 1)
  group by revision, weight, arm, event`;

function countBuckets(bucketRequests: number): RawBuilder<unknown> {
  return sql`,
    placed as (
      select revision, arm, event, happened,
        (row_number() over (partition by revision, arm, event order by id) - 1) / ${sql.lit(bucketRequests)} as bucket
      from judged
    ),
    filled as (
      select revision, arm, event, bucket, count(*) as requests, sum(happened) as events
      from placed group by revision, arm, event, bucket
    )
    select revision, arm, event, requests, events, count(*) as buckets
    from filled group by revision, arm, event, requests, events`;
}

/**
 * Of the pairs whose request has a label: who was right. Only what stable has answered was copied, so a candidate that failed
 * would be held to answering everything, which stable is not: failures are the business of other gates.
 *
 * The last label is found by its id in front of it (all ids are of one length): an `order by` on the id has SQLite read all
 * feedback of the project for each pair.
 */
function countPairs(projectId: string, rolloutId: string): RawBuilder<unknown> {
  return sql`
    with labelled as (
      select max(s.stable_answer) as stable_answer, max(s.candidate_answer) as candidate_answer,
        max(f.id) as last_id, max(f.id || f.label_digest) as last_label
      from shadow_pairs s
      join feedback f on f.project_id = s.project_id and f.request_id = s.request_id
      where s.rollout_id = ${rolloutId} and s.project_id = ${projectId} and s.stable_answer is not null
        and s.candidate_failed = 0 and f.label_digest is not null
      group by s.id
    ),
    scored as (
      select
        case when last_id || stable_answer = last_label then 1 else 0 end as stable_right,
        case when last_id || candidate_answer = last_label then 1 else 0 end as candidate_right
      from labelled
    )
    select
      sum(case when stable_right > candidate_right then 1 else 0 end) as worse,
      sum(case when stable_right < candidate_right then 1 else 0 end) as better,
      sum(case when stable_right = candidate_right then 1 else 0 end) as same
    from scored`;
}
