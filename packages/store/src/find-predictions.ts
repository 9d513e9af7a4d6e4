import { hourMs } from '@scarmonit/core/metrics/windows';
import type {
  FoundPredictions,
  PageOfPredictions,
  Prediction,
  PredictionFilter,
} from '@scarmonit/core/ports/prediction-repository';
import type { SqlDatabase } from '@scarmonit/core/ports/sql-database';
import { type Kysely, type RawBuilder, sql } from 'kysely';
import { compileStatement } from './compile-statement.ts';
import { toPrediction } from './prediction-rows.ts';
import { readText } from './read-row.ts';
import type { StoreSchema } from './schema.ts';

type Builder = Kysely<StoreSchema>;
type Condition = RawBuilder<boolean>;

const inOrder = sql<string>`id`;
/** Sorts what there are few of, so that the planner does not look for them in the order of all ids. */
const sorted = sql<string>`id || ''`;

/** Records of an index that are looked at for one page, at the most: about a tenth of a second. */
const mostLookedAt = 50_000;
/** Of the index of slow requests. */
const slowMs = 5_000;
/** Ids are made when requests end; this much later than they began, at the most. */
const longestRequestMs = hourMs;
/** Clocks are set back by a little now and then. */
const clockSlackMs = 60_000;

/** A stretch of one index, and what is left to check of each record in it. */
interface Search {
  /** The id, as it is compared and sorted by. */
  readonly id: RawBuilder<string>;
  /** Equalities of the index's first columns. Its last one is the id. */
  readonly leading: readonly Condition[];
  /** Written so that no index can be used for them: without statistics the planner would prefer the worse one. */
  readonly rest: readonly Condition[];
}

/** As {@link import('@scarmonit/core/ports/prediction-repository').PredictionRepository.find}. */
export async function findPredictions(
  db: SqlDatabase,
  builder: Builder,
  projectId: string,
  filter: PredictionFilter,
  page: PageOfPredictions,
): Promise<FoundPredictions> {
  const searches = await planSearches(db, builder, projectId, filter);
  const ends = await findEnds(db, builder, projectId, searches, filter, page);
  // Several indexes were looked at to different depths: below the least deep one not all is known.
  const end = ends.reduce<string | undefined>(
    (highest, id) => (highest === undefined || id > highest ? id : highest),
    undefined,
  );
  const results = await db.batch(
    searches.map(({ id, leading, rest }) => {
      const above = end === undefined ? [] : [sql<boolean>`${id} >= ${end}`];
      let query = builder.selectFrom('predictions').selectAll().where('project_id', '=', projectId);
      for (const condition of [...leading, ...boundIds(id, filter, page), ...above, ...rest]) {
        query = query.where(condition);
      }
      return compileStatement(query.orderBy(id, 'desc').limit(page.limit + 1));
    }),
  );
  const found = results.flat().map(toPrediction);
  if (searches.length > 1) found.sort(newestFirst);
  const predictions = found.slice(0, page.limit);
  const nextBefore = found.length > page.limit ? predictions.at(-1)?.id : end;
  return { predictions, ...(nextBefore === undefined ? {} : { nextBefore }) };
}

/** Ids begin with the time at which they were made, so that a time is a bound of ids too. */
function boundIds(
  id: RawBuilder<string>,
  { since, until }: PredictionFilter,
  { before, after }: PageOfPredictions,
): readonly Condition[] {
  return [
    ...(before === undefined ? [] : [sql<boolean>`${id} < ${before}`]),
    ...(after === undefined ? [] : [sql<boolean>`${id} > ${after}`]),
    ...(since === undefined ? [] : [sql<boolean>`${id} >= ${idsFrom(since - clockSlackMs)}`]),
    ...(until === undefined ? [] : [sql<boolean>`${id} < ${idsFrom(until + longestRequestMs)}`]),
  ];
}

/** What sorts before the ids of a time, and after those that were made before it: 48 bits of milliseconds (RFC 9562). */
function idsFrom(time: number): string {
  return Math.min(Math.max(0, time), 2 ** 48 - 1)
    .toString(16)
    .padStart(12, '0');
}

/** Searches by the index that leaves the least to check; only a model alone takes several, one for each of its versions. */
async function planSearches(
  db: SqlDatabase,
  builder: Builder,
  projectId: string,
  filter: PredictionFilter,
): Promise<readonly Search[]> {
  const { model, version, outcome, keyId, requestId, since, until, minLatencyMs } = filter;
  const rest = [
    ...(since === undefined ? [] : [sql<boolean>`created_at + 0 >= ${since}`]),
    ...(until === undefined ? [] : [sql<boolean>`created_at + 0 < ${until}`]),
    ...(minLatencyMs === undefined ? [] : [sql<boolean>`latency_ms >= ${minLatencyMs}`]),
  ];
  const texts = { request_id: requestId, outcome, key_id: keyId, model, version } as const;
  const restWithout = (...columns: readonly (keyof typeof texts)[]): readonly Condition[] => [
    ...rest,
    ...Object.entries(texts).flatMap(([column, value]) =>
      value === undefined || columns.includes(column as keyof typeof texts)
        ? []
        : [sql<boolean>`${sql.ref(column)} || '' = ${value}`],
    ),
  ];
  if (requestId !== undefined)
    return [{ id: sorted, leading: [sql<boolean>`request_id = ${requestId}`], rest: restWithout('request_id') }];
  if (outcome !== undefined && outcome !== 'ok') {
    // The second says to the planner that the index of what is not ok has it all.
    const leading = [sql<boolean>`outcome = ${outcome}`, sql<boolean>`outcome <> 'ok'`];
    return [{ id: inOrder, leading, rest: restWithout('outcome') }];
  }
  if (keyId !== undefined)
    return [{ id: inOrder, leading: [sql<boolean>`key_id = ${keyId}`], rest: restWithout('key_id') }];
  if (minLatencyMs !== undefined && minLatencyMs >= slowMs)
    return [{ id: inOrder, leading: [sql<boolean>`latency_ms >= ${sql.lit(slowMs)}`], rest: restWithout() }];
  if (model === undefined) return [{ id: inOrder, leading: [], rest: restWithout() }];
  const versions = version === undefined ? await listVersions(db, builder, projectId, model) : [version];
  return versions.map((each) => ({
    id: inOrder,
    leading: [sql<boolean>`model = ${model}`, sql<boolean>`version = ${each}`],
    rest: restWithout('model', 'version'),
  }));
}

/** The versions of a model that have records: one step in the index for each, however many records there are. */
async function listVersions(
  db: SqlDatabase,
  builder: Builder,
  projectId: string,
  model: string,
): Promise<readonly string[]> {
  const first = sql`select min(version) from predictions where project_id = ${projectId} and model = ${model}`;
  const query = sql`with recursive seen(version) as (
    select (${first}) union all select (${first} and version > seen.version) from seen where seen.version is not null
  ) select version from seen where version is not null`;
  const rows = await db.query(compileStatement({ compile: () => query.compile(builder) }));
  return rows.map((row) => readText(row, 'version'));
}

/** Where to stop, for each search that has something to check and more records than are looked at: the last one's id. */
async function findEnds(
  db: SqlDatabase,
  builder: Builder,
  projectId: string,
  searches: readonly Search[],
  filter: PredictionFilter,
  page: PageOfPredictions,
): Promise<readonly string[]> {
  const unbounded = searches.filter(({ rest }) => rest.length > 0);
  if (unbounded.length === 0) return [];
  const results = await db.batch(
    unbounded.map(({ id, leading }) => {
      let query = builder.selectFrom('predictions').select('id').where('project_id', '=', projectId);
      for (const condition of [...leading, ...boundIds(id, filter, page)]) query = query.where(condition);
      return compileStatement(
        query
          .orderBy(id, 'desc')
          .limit(1)
          .offset(Math.floor(mostLookedAt / unbounded.length) - 1),
      );
    }),
  );
  return results.flat().map((row) => readText(row, 'id'));
}

function newestFirst(one: Prediction, other: Prediction): number {
  return one.id < other.id ? 1 : -1;
}
