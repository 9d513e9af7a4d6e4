import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqlite } from '@scarmonit/adapters/sqlite/open-sqlite';
import { createFakeClock } from '@scarmonit/core/test/fake-clock';
import { migrate, requireSchema } from '@scarmonit/store/migrate';
import { migrations } from '@scarmonit/store/migrations/migrations';
import { expect, it } from 'vitest';
import { inlineParameters, writeMigrations } from './write-migrations.ts';

it('writes files that bring an empty database to the schema that the worker needs', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'scarmonit-migrations-'));
  const files = writeMigrations(folder, 1_700_000_000_000);
  expect(files[0]).toBe('0001_create-first-tables.sql');
  const database = openSqlite(':memory:');
  for (const file of files) {
    const statements = readFileSync(join(folder, file), 'utf8')
      .split(';\n')
      .filter((sql) => sql !== '');
    await database.batch(statements.map((sql) => ({ sql, parameters: [] })));
  }
  await expect(requireSchema(database)).resolves.toBeUndefined();
  expect(await migrate(database, createFakeClock())).toEqual({ version: migrations.length, applied: [] });
  await database.close();
  rmSync(folder, { recursive: true, force: true });
});

it('writes values out as SQL, quoted, and refuses what it cannot tell apart', () => {
  const sql = 'insert into a values (?, ?, ?)';
  expect(inlineParameters({ sql, parameters: [1, "it's", null] })).toBe("insert into a values (1, 'it''s', null)");
  expect(() => inlineParameters({ sql: "select '?' where a = ?", parameters: [1] })).toThrow('cannot be written out');
});
