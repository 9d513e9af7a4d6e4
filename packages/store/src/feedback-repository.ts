import { type Arm, type BucketCount, type EventKind, noFacts } from '@scarmonit/core/gates/facts';
import { mergeFacts } from '@scarmonit/core/gates/merge-facts';
import { isPaired } from '@scarmonit/core/gates/read-facts';
import type { FeedbackRepository, RatedRollout } from '@scarmonit/core/ports/feedback-repository';
import type { SqlDatabase, SqlRow } from '@scarmonit/core/ports/sql-database';
import { type RawBuilder, sql } from 'kysely';
import { compileStatement } from './compile-statement.ts';
import { createQueryBuilder } from './query-builder.ts';
import { readNumber, readOptionalNumber, readText } from './read-row.ts';

/** Feedback in SQL, joined with the records of requests when it is read, so that either may come first. */
export function createFeedbackRepository(db: SqlDatabase): FeedbackRepository {
  const builder = createQueryBuilder(db.dialect);
  const compile = (query: RawBuilder<unknown>) => compileStatement({ compile: () => query.compile(builder) });
  /** In one transaction. What is not asked has no rows. */
  const readTogether = async <Name extends string>(
    queries: Readonly<Record<Name, RawBuilder<unknown> | undefined>>,
  ): Promise<Readonly<Record<Name, readonly SqlRow[]>>> => {
    const asked = Object.entries<RawBuilder<unknown> | undefined>(queries).flatMap(([name, query]) =>
      query === undefined ? [] : [{ name, statement: compile(query) }],
    );
    const rows = asked.length === 0 ? [] : await db.batch(asked.map(({ statement }) => statement));
    const found = new Map(asked.map(({ name }, index) => [name, rows[index] ?? []]));
    return Object.fromEntries(Object.keys(queries).map((name) => [name, found.get(name) ?? []])) as Record<
      Name,
      readonly SqlRow[]
    >;
  };
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

    async sumForRollout(rollout, bucketRequests) {
      const { gates, sticky } = rollout.plan;
      const judged = gates.some((gate) => gate.delayed && 'event' in gate) ? judgedRequests(rollout) : undefined;
      const wanted = {
        buckets: judged === undefined ? undefined : sql`${judged} ${countBuckets(bucketRequests)}`,
        keys: judged === undefined || sticky === 'none' ? undefined : sql`${judged} ${countKeys}`,
        pairs: gates.some(isPaired) ? countPairs(rollout) : undefined,
      };
      const { buckets, keys, pairs } = await readTogether(wanted);
      const requests = buckets.map((row) => {
        const many = readNumber(row, 'buckets');
        const [exposed, events] = [readNumber(row, 'requests') * many, readNumber(row, 'events') * many];
        return { ...readSide(row), weight: readNumber(row, 'weight'), unit: 'request' as const, exposed, events };
      });
      const [pair = { worse: null, better: null, same: null }] = pairs;
      const { crashes: _, ...facts } = mergeFacts(noFacts, {
        ...noFacts,
        exposures: [
          ...requests,
          ...keys.map((row) => ({
            ...readSide(row),
            weight: readNumber(row, 'weight'),
            unit: 'key' as const,
            exposed: readNumber(row, 'exposed'),
            events: readNumber(row, 'events'),
          })),
        ],
        buckets: buckets.map((row) => ({
          ...readSide(row),
          requests: readNumber(row, 'requests'),
          events: readNumber(row, 'events'),
          buckets: readNumber(row, 'buckets'),
        })),
        pairs: {
          worse: readOptionalNumber(pair, 'worse') ?? 0,
          better: readOptionalNumber(pair, 'better') ?? 0,
          same: readOptionalNumber(pair, 'same') ?? 0,
        },
      });
      return facts;
    },
  };
}

function readSide(row: SqlRow): Pick<BucketCount, 'revision' | 'arm' | 'event'> {
  return {
    revision: readNumber(row, 'revision'),
    arm: readText(row, 'arm') as Arm,
    event: readText(row, 'event') as EventKind,
  };
}

/** Clocks of several machines may differ by so much. */
const skewMs = 60_000;

/**
 * `judged`: a row for each request of the rollout and each event that its feedback speaks of. A request has its place from
 * the first word about it, and what the last one says. Clients may send request ids of their own: of several requests with
 * one id the first is meant.
 *
 * Feedback is younger than its request, which is younger than the rollout, and there is less of it than of requests: so it
 * is what the search begins with, from that time on. The cross join keeps a planner from beginning with the requests. These
 * are found by their rollout, which is of one project: were the project asked for as well, SQLite, which knows no statistics
 * here, would read all requests of the project for each feedback.
 */
function judgedRequests({ projectId, id, to, createdAt }: RatedRollout): RawBuilder<unknown> {
  return sql`
    with told as (
      select f.id, f.request_id, f.rating, f.completed, p.id as prediction_id, p.project_id, p.model,
        p.traffic_revision, p.sticky_key, case when p.version = ${to} then 'candidate' else 'stable' end as arm
      from feedback f cross join predictions p
      where f.project_id = ${projectId} and f.created_at >= ${createdAt - skewMs}
        and (f.rating is not null or f.completed is not null)
        and p.rollout_id = ${id} and p.request_id = f.request_id
        and p.outcome = 'ok' and p.traffic_revision is not null
    ),
    said as (
      select told.*, 'unsatisfied' as event, case when rating < 0.5 then 1 else 0 end as happened
      from told where rating is not null
      union all
      select told.*, 'task-not-completed' as event, 1 - completed as happened
      from told where completed is not null
    ),
    placed as (
      select said.*, min(id) over (partition by request_id, event) as first_id,
        row_number() over (partition by request_id, event order by prediction_id, id desc) as nth
      from said
    ),
    judged as (
      select s.first_id as id, s.event, s.traffic_revision as revision, t.weight, s.sticky_key, s.arm, s.happened
      from placed s
      join traffic_revisions t
        on t.project_id = s.project_id and t.model = s.model and t.revision = s.traffic_revision
      where s.nth = 1
    )`;
}

/**
 * Under sticky assignment: a key is exposed once a rollout to each event, and has it once, where it first did, as with
 * {@link KeySighting}.
 */
const countKeys = sql`,
  sightings as (
    select revision, weight, arm, event, happened,
      row_number() over (partition by sticky_key, event order by revision, id) as nth,
      row_number() over (partition by sticky_key, event, happened order by revision, id) as nth_alike
    from judged where sticky_key is not null
  )
  select revision, weight, arm, event,
    sum(case when nth = 1 then 1 else 0 end) as exposed,
    sum(case when happened = 1 and nth_alike = 1 then 1 else 0 end) as events
  from sightings where nth = 1 or (happened = 1 and nth_alike = 1)
  group by revision, weight, arm, event`;

function countBuckets(bucketRequests: number): RawBuilder<unknown> {
  return sql`,
    numbered as (
      select revision, weight, arm, event, happened,
        (row_number() over (partition by revision, arm, event order by id) - 1) / ${sql.lit(bucketRequests)} as bucket
      from judged
    ),
    filled as (
      select revision, weight, arm, event, bucket, count(*) as requests, sum(happened) as events
      from numbered group by revision, weight, arm, event, bucket
    )
    select revision, weight, arm, event, requests, events, count(*) as buckets
    from filled group by revision, weight, arm, event, requests, events`;
}

/**
 * Of the pairs whose request has a label: who was right. Only what stable has answered was copied, so a candidate that failed
 * would be held to answering everything, which stable is not: failures are the business of other gates.
 *
 * The last label is found by its id in front of it (all ids are of one length): an `order by` on the id has SQLite read all
 * feedback of the project for each pair.
 */
function countPairs({ projectId, id }: RatedRollout): RawBuilder<unknown> {
  return sql`
    with labelled as (
      select max(s.stable_answer) as stable_answer, max(s.candidate_answer) as candidate_answer,
        max(f.id) as last_id, max(f.id || f.label_digest) as last_label
      from shadow_pairs s
      join feedback f on f.project_id = s.project_id and f.request_id = s.request_id
      where s.rollout_id = ${id} and s.project_id = ${projectId} and s.stable_answer is not null
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
