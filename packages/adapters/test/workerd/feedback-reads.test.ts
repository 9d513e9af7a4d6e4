import { reset } from 'cloudflare:test';
import { compilePlan, defaultRolloutSettings } from '@scarmonit/core/rollouts/rollout-settings';
import { createFakeClock } from '@scarmonit/core/test/fake-clock';
import { createFeedbackRepository } from '@scarmonit/store/feedback-repository';
import { migrate } from '@scarmonit/store/migrate';
import { createPredictionRepository } from '@scarmonit/store/prediction-repository';
import { createRolloutRepository } from '@scarmonit/store/rollout-repository';
import { createShadowPairRepository } from '@scarmonit/store/shadow-pair-repository';
import { afterEach, expect, it } from 'vitest';
import { openD1 } from '../../src/cloudflare/d1/open-d1.ts';
import { answer, pair, tell } from '../contracts/feedback-records.ts';
import { describeTraffic } from '../contracts/rollout-records.ts';
import { bindings } from './bindings.ts';

afterEach(() => reset());

const dayMs = 24 * 3_600_000;
const plan = compilePlan(
  { ...defaultRolloutSettings, sticky: 'key' },
  { minSatisfaction: 0.9, minTaskCompletion: 0.9, minAccuracy: 0.9 },
  'salt',
);
const rollout = { projectId: 'default', id: 'r1', to: '1.1.0', createdAt: dayMs, plan };
const told = { rating: 0, completed: true, label: 'yes', labelDigest: 'yes' };

/** A database that counts the rows which D1 says that its batches have read. */
function countReads() {
  let rows = 0;
  const counting = {
    prepare: (sql: string) => bindings.DB.prepare(sql),
    batch: async (statements: D1PreparedStatement[]) => {
      const results = await bindings.DB.batch(statements);
      for (const { meta } of results) rows += meta.rows_read;
      return results;
    },
  } as D1Database;
  return { db: openD1(counting), rows: () => rows };
}

it('reads as many rows for a rollout whatever was told before it', async () => {
  const db = openD1(bindings.DB);
  await migrate(db, createFakeClock());
  const store = createFeedbackRepository(db);
  await createRolloutRepository(db).commit('default', {
    traffic: describeTraffic(1, { weight: 0.5, candidate: '1.1.0', rolloutId: 'r1' }),
    receipts: [],
  });
  const own = Array.from({ length: 20 }, (_, number) => `own${number}`);
  await createPredictionRepository(db).insertMany(own.map((id) => answer(id, { stickyKey: id })));
  await createShadowPairRepository(db).insertMany(own.map((requestId, number) => pair(number, { requestId })));
  for (const [number, id] of own.entries())
    await store.insert({ ...tell(number, id, told), createdAt: dayMs + number });

  const read = async () => {
    const { db: counting, rows } = countReads();
    const facts = await createFeedbackRepository(counting).sumForRollout(rollout, 50);
    return { rows: rows(), facts };
  };
  const before = await read();
  expect(before.facts.pairs).toEqual({ worse: own.length, better: 0, same: 0 });
  expect(before.rows).toBeGreaterThan(own.length);
  expect(before.rows).toBeLessThan(100 * own.length);

  const old = Array.from({ length: 500 }, (_, number) => tell(1_000 + number, `old${number}`, told));
  await createPredictionRepository(db).insertMany(old.map(({ requestId }) => answer(requestId, { rolloutId: 'r0' })));
  for (const feedback of old) await store.insert(feedback);
  expect(await read()).toEqual(before);
});
