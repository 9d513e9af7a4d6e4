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
 */
function judgedRequests(projectId: string, rolloutId: string, to: string): RawBuilder<unknown> {
  return sql`
    with told as (
      select request_id, event, min(id) as first_id, max(id) as last_id
      from (
        select request_id, id, 'unsatisfied' as event from feedback
        where project_id = ${projectId} and rating is not null
        union all
        select request_id, id, 'task-not-completed' as event from feedback
        where project_id = ${projectId} and completed is not null
      ) as said
      group by request_id, event
    ),
    answered as (
      select told.*, (
        select min(p.id) from predictions p
        where p.rollout_id = ${rolloutId} and p.request_id = told.request_id and p.project_id = ${projectId}
          and p.outcome = 'ok' and p.traffic_revision is not null
      ) as prediction_id
      from told
    ),
    judged as (
      select a.first_id as id, a.event, p.traffic_revision as revision, t.weight, p.sticky_key,
        case when p.version = ${to} then 'candidate' else 'stable' end as arm,
        case when a.event = 'unsatisfied' then case when f.rating < 0.5 then 1 else 0 end
          else 1 - f.completed end as happened
      from answered a
      join predictions p on p.project_id = ${projectId} and p.id = a.prediction_id
      join traffic_revisions t
        on t.project_id = p.project_id and t.model = p.model and t.revision = p.traffic_revision
      join feedback f on f.project_id = p.project_id and f.id = a.last_id
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

/** Of the pairs whose request has a label: who was right. A candidate that failed was wrong. */
function countPairs(projectId: string, rolloutId: string): RawBuilder<unknown> {
  return sql`
    with labelled as (
      select s.stable_answer, s.candidate_answer, s.candidate_failed,
        (select f.label_digest from feedback f where f.project_id = s.project_id and f.request_id = s.request_id
          and f.label_digest is not null order by f.id desc limit 1) as label
      from shadow_pairs s
      where s.project_id = ${projectId} and s.rollout_id = ${rolloutId} and s.stable_answer is not null
    ),
    scored as (
      select
        case when stable_answer = label then 1 else 0 end as stable_right,
        case when candidate_failed = 0 and candidate_answer = label then 1 else 0 end as candidate_right
      from labelled where label is not null
    )
    select
      sum(case when stable_right > candidate_right then 1 else 0 end) as worse,
      sum(case when stable_right < candidate_right then 1 else 0 end) as better,
      sum(case when stable_right = candidate_right then 1 else 0 end) as same
    from scored`;
}
