import { dayMs, minuteMs } from '@scarmonit/core/metrics/windows';
import type { SqlDatabase, SqlStatement } from '@scarmonit/core/ports/sql-database';
import { createFakeClock } from '@scarmonit/core/test/fake-clock';
import { createFeedbackScoreRepository } from '@scarmonit/store/metrics-feedback-repository';
import { createMetricsRepository } from '@scarmonit/store/metrics-repository';
import { createUptimeRepository } from '@scarmonit/store/metrics-uptime-repository';
import { migrate } from '@scarmonit/store/migrate';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSqlite } from '../src/sqlite/open-sqlite.ts';

let database: ReturnType<typeof openSqlite>;
beforeEach(async () => {
  database = openSqlite(':memory:');
  await migrate(database, createFakeClock());
});
afterEach(() => database.close());

/** How SQLite goes about the statements that some work runs: one line for each table that it looks into. */
async function explain(work: (db: SqlDatabase) => Promise<unknown>): Promise<readonly string[]> {
  const statements: SqlStatement[] = [];
  await work({
    dialect: database.dialect,
    query: (statement) => {
      statements.push(statement);
      return database.query(statement);
    },
    batch: (several) => {
      statements.push(...several);
      return database.batch(several);
    },
  });
  const plans: string[] = [];
  for (const { sql, parameters } of statements) {
    const plan = await database.query({ sql: `explain query plan ${sql}`, parameters });
    plans.push(...plan.map(({ detail }) => String(detail)));
  }
  return plans.filter(
    (line) => line.startsWith('SEARCH ') || /^SCAN (p|f|predictions|feedback|metric_rows)\b/.test(line),
  );
}

const now = 1_700_006_400_000;

// However many requests are stored, none of these may look at all of them.
describe('what the figures are read with', () => {
  it('finds the requests that feedback speaks of by their ids', async () => {
    const plan = await explain((db) => createFeedbackScoreRepository(db).score('default', now));
    expect(plan).toEqual([
      expect.stringMatching(/^SEARCH feedback USING INDEX feedback_by_time/),
      expect.stringMatching(/^SEARCH p USING INDEX predictions_by_request \(project_id=\? AND request_id=\?\)/),
      ...['l', 'r', 'c'].map((name) =>
        expect.stringMatching(new RegExp(`^SEARCH ${name} USING INDEX \\w+ \\(project_id=\\? AND id=\\?\\)`)),
      ),
    ]);
  });

  it('reads the rows of a window by their time', async () => {
    const plan = await explain((db) =>
      createMetricsRepository(db).list('default', { from: now - 30 * dayMs, to: now, longest: 'day', model: 'chat' }),
    );
    expect(plan).toHaveLength(2);
    for (const line of plan) expect(line).toContain('started_at>? AND started_at<?');
  });

  it('counts users, and reads heartbeats, without the rows of old ones', async () => {
    const users = await explain((db) => createMetricsRepository(db).countUsers('default', now - 5 * minuteMs));
    expect(users).toEqual([expect.stringContaining('active_users_by_time (project_id=? AND last_seen_at>?)')]);
    const beats = await explain((db) => createUptimeRepository(db).list('default', now - 30 * dayMs));
    expect(beats).toEqual([expect.stringContaining('SEARCH uptime_spans')]);
  });
});
