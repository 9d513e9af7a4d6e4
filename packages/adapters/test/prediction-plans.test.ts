import type { PredictionFilter } from '@scarmonit/core/ports/prediction-repository';
import type { SqlDatabase, SqlStatement } from '@scarmonit/core/ports/sql-database';
import { createFakeClock } from '@scarmonit/core/test/fake-clock';
import { migrate } from '@scarmonit/store/migrate';
import { createPredictionRepository } from '@scarmonit/store/prediction-repository';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSqlite } from '../src/sqlite/open-sqlite.ts';

const minute = 60_000;
const begin = 1_700_000_000_000;
/** More than are looked at for one page. */
const rows = 120_000;

describe('searching many requests', () => {
  let db: ReturnType<typeof openSqlite>;
  let asked: SqlStatement[];
  let observed: SqlDatabase;

  beforeEach(async () => {
    db = openSqlite(':memory:');
    await migrate(db, createFakeClock());
    asked = [];
    observed = {
      dialect: db.dialect,
      query: (statement) => {
        asked.push(statement);
        return db.query(statement);
      },
      batch: (statements) => {
        asked.push(...statements);
        return db.batch(statements);
      },
    };
  });
  afterEach(() => db.close());

  const plansOf = async (filter: PredictionFilter): Promise<readonly string[]> => {
    await createPredictionRepository(observed).find('default', filter, { limit: 50 });
    const plans = await Promise.all(
      asked.map(({ sql, parameters }) => db.query({ sql: `explain query plan ${sql}`, parameters })),
    );
    return plans.flat().map(({ detail }) => String(detail));
  };

  it.each<[PredictionFilter, string]>([
    [{}, 'sqlite_autoindex_predictions_1 (project_id=?)'],
    [{ since: begin, until: begin + minute }, 'sqlite_autoindex_predictions_1 (project_id=? AND id>? AND id<?)'],
    [{ outcome: 'error', model: 'chat', version: '1.0.0' }, 'predictions_not_ok (project_id=? AND outcome=?)'],
    [{ outcome: 'ok', keyId: 'key', model: 'chat' }, 'predictions_by_key (project_id=? AND key_id=?)'],
    [{ minLatencyMs: 7_000, model: 'chat' }, 'predictions_slow (project_id=?)'],
    [{ model: 'chat', version: '1.0.0' }, 'predictions_by_version (project_id=? AND model=? AND version=?)'],
    [{ version: '1.0.0' }, 'sqlite_autoindex_predictions_1 (project_id=?)'],
  ])('reads %j in the order of one index, without sorting', async (filter, index) => {
    const plans = await plansOf(filter);
    expect(plans.length).toBeGreaterThan(0);
    for (const plan of plans) expect(plan).toMatch(/^SEARCH predictions USING (COVERING )?INDEX /);
    for (const plan of plans) expect(plan.endsWith(index)).toBe(true);
  });

  it('reads a model in the order of its versions, whose names cost one step each', async () => {
    await insertMany(db);
    const plans = await plansOf({ model: 'chat' });
    expect(plans.filter((plan) => plan.includes('TEMP B-TREE'))).toEqual([]);
    const searches = plans.filter((plan) => plan.includes('predictions'));
    for (const plan of searches) expect(plan).toContain('predictions_by_version (project_id=? AND model=?');
    expect(searches).toHaveLength(4);
  });

  it('reads one request by its id', async () => {
    expect((await plansOf({ requestId: 'req_1' }))[0]).toContain(
      'predictions_by_request (project_id=? AND request_id=?)',
    );
  });

  it('ends a page early where what matches is rare, and finds it all by going on', async () => {
    await insertMany(db);
    const repository = createPredictionRepository(db);
    const found: string[] = [];
    const sizes: number[] = [];
    for (let before: string | undefined, isLast = false; !isLast; isLast = before === undefined) {
      const filter = { model: 'chat', minLatencyMs: 1_000 };
      const page = await repository.find('default', filter, { limit: 10, ...(before === undefined ? {} : { before }) });
      sizes.push(page.predictions.length);
      found.push(...page.predictions.map(({ requestId }) => requestId));
      before = page.nextBefore;
    }
    expect(found).toEqual(['req_1', 'req_0']);
    expect(sizes.length).toBeGreaterThan(2);
    expect(sizes.slice(0, 2)).toEqual([0, 0]);
  });
});

/** Two versions in turns; the two oldest requests are slow. */
function insertMany(db: SqlDatabase): Promise<unknown> {
  return db.query({
    sql: `with recursive n(i) as (select 0 union all select i + 1 from n where i < ${rows - 1})
      insert into predictions (id, request_id, project_id, created_at, key_id, model, version, route, outcome, status,
        stream, latency_ms, input_tokens, output_tokens, cost_usd)
      select printf('%012x%020x', ${begin} + i, i), 'req_' || i, 'default', ${begin} + i, 'key', 'chat',
        case i % 2 when 0 then '1.0.0' else '1.1.0' end, '/v1/chat/completions', 'ok', 200, 0,
        case when i < 2 then 2000 else 10 end, 1, 1, 0 from n`,
    parameters: [],
  });
}
