import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SqlStatement, SqlValue } from '@scarmonit/core/ports/sql-database';
import { planMigrations } from '@scarmonit/store/migrate';

/**
 * Writes the store's migrations as files for `wrangler d1 migrations apply`: one a version, with the row that records it,
 * so that the worker finds the schema that it knows.
 * @returns the files' names, in order
 */
export function writeMigrations(folder: string, appliedAt: number): readonly string[] {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  return planMigrations('sqlite', appliedAt).map(({ version, name, statements }) => {
    const file = `${String(version).padStart(4, '0')}_${name}.sql`;
    writeFileSync(join(folder, file), statements.map((statement) => `${inlineParameters(statement)};\n`).join(''));
    return file;
  });
}

/**
 * A file of SQL binds nothing, so the values stand in the text. They are ours: numbers and names of migrations.
 * @throws Error when a placeholder cannot be told from a question mark in a text
 */
export function inlineParameters({ sql, parameters }: SqlStatement): string {
  const pieces = sql.split('?');
  if (pieces.length !== parameters.length + 1) throw new Error(`This statement cannot be written out: ${sql}`);
  return pieces.map((piece, index) => piece + (index < parameters.length ? toLiteral(parameters[index]) : '')).join('');
}

function toLiteral(value: SqlValue | undefined): string {
  if (typeof value === 'number' || value === null) return String(value);
  if (typeof value === 'string') return `'${value.replaceAll("'", "''")}'`;
  throw new Error('Migrations hold no bytes.');
}
