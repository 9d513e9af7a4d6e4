import type { SqlDatabase, SqlStatement } from '@scarmonit/core/ports/sql-database';
import { compilePlan, defaultRolloutSettings } from '@scarmonit/core/rollouts/rollout-settings';
import { createFakeClock } from '@scarmonit/core/test/fake-clock';
import { createFeedbackRepository } from '@scarmonit/store/feedback-repository';
import { migrate } from '@scarmonit/store/migrate';
import { expect, it } from 'vitest';
import { openSqlite } from '../src/sqlite/open-sqlite.ts';

it('sums the feedback of a rollout up from its begin on, without reading the requests or the feedback of a project for each row', async () => {
  const db = openSqlite(':memory:');
  await migrate(db, createFakeClock());
  const asked: SqlStatement[] = [];
  const observed: SqlDatabase = {
    dialect: db.dialect,
    query: (statement) => db.query(statement),
    batch: (statements) => {
      asked.push(...statements);
      return db.batch(statements);
    },
  };
  const goals = { minSatisfaction: 0.9, minAccuracy: 0.9 };
  const plan = compilePlan({ ...defaultRolloutSettings, sticky: 'key' }, goals, 'salt');
  const rollout = { projectId: 'default', id: 'r1', to: '1.1.0', createdAt: 0, plan };
  await createFeedbackRepository(observed).sumForRollout(rollout, 50);
  const plans = await Promise.all(
    asked.map(({ sql, parameters }) => db.query({ sql: `explain query plan ${sql}`, parameters })),
  );
  const searches = plans.flat().map(({ detail }) => String(detail));
  const of = (table: string) => new Set(searches.filter((search) => search.startsWith(`SEARCH ${table} `)));
  expect(plans).toHaveLength(3);
  expect(of('p')).toEqual(new Set(['SEARCH p USING INDEX predictions_by_rollout (rollout_id=? AND request_id=?)']));
  expect(of('s')).toEqual(new Set(['SEARCH s USING INDEX shadow_pairs_by_rollout (rollout_id=?)']));
  expect(of('f')).toEqual(
    new Set([
      'SEARCH f USING INDEX feedback_by_time (project_id=? AND created_at>?)',
      'SEARCH f USING INDEX feedback_by_request (project_id=? AND request_id=?)',
    ]),
  );
  expect(searches.filter((search) => search === 'SCAN f')).toEqual([]);
  await db.close();
});
