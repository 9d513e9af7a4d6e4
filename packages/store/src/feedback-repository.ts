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

/** `judged`: a row for each request of the rollout and each event that its feedback speaks of. */
function judgedRequests(projectId: string, rolloutId: string, to: string): RawBuilder<unknown> {
  return sql`
    with told as (
      select
        p.request_id, p.traffic_revision as revision, t.weight, p.sticky_key,
        case when p.version = ${to} then 'candidate' else 'stable' end as arm,
        (select f.id from feedback f where f.project_id = p.project_id and f.request_id = p.request_id
          and f.rating is not null order by f.id desc limit 1) as rated,
        (select f.id from feedback f where f.project_id = p.project_id and f.request_id = p.request_id
          and f.completed is not null order by f.id desc limit 1) as finished
      from predictions p
      join traffic_revisions t
        on t.project_id = p.project_id and t.model = p.model and t.revision = p.traffic_revision
      where p.project_id = ${projectId} and p.rollout_id = ${rolloutId} and p.outcome = 'ok'
    ),
    judged as (
      select f.id, told.revision, told.weight, told.arm, told.sticky_key,
        'unsatisfied' as event, case when f.rating < 0.5 then 1 else 0 end as happened
      from told join feedback f on f.id = told.rated
      union all
      select f.id, told.revision, told.weight, told.arm, told.sticky_key,
        'task-not-completed' as event, 1 - f.completed as happened
      from told join feedback f on f.id = told.finished
    )`;
}

/** By request, and under sticky assignment by key as well: a key is exposed once, where it first was. */
const countExposures = sql`,
  by_key as (
    select sticky_key, event, arm, min(revision) as revision, min(weight) as weight, max(happened) as happened
    from judged where sticky_key is not null group by sticky_key, event, arm
  )
  select revision, weight, arm, event, 'request' as unit, count(*) as exposed, sum(happened) as events
  from judged group by revision, weight, arm, event
  union all
  select revision, weight, arm, event, 'key' as unit, count(*) as exposed, sum(happened) as events
  from by_key group by revision, weight, arm, event`;

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
