import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFakeClock } from '@scarmonit/core/test/fake-clock';
import { migrate } from '@scarmonit/store/migrate';
import { migrations } from '@scarmonit/store/migrations/migrations';
import { expect, it } from 'vitest';
import { openSqlite } from '../src/sqlite/open-sqlite.ts';

it('lets several connections to one new file migrate at once, and applies each migration once', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'scarmonit-migrate-'));
  const databases = Array.from({ length: 3 }, () => openSqlite(join(directory, 'store.db')));
  const outcomes = await Promise.all(databases.map((database) => migrate(database, createFakeClock())));
  expect(outcomes.map(({ version }) => version)).toEqual(outcomes.map(() => migrations.length));
  expect(outcomes.flatMap(({ applied }) => applied).sort()).toEqual(migrations.map(({ version }) => version));
  await Promise.all(databases.map((database) => database.close()));
  rmSync(directory, { recursive: true, force: true });
});
