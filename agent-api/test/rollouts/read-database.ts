import { DatabaseSync } from 'node:sqlite';

/** Asks a database file that another process may have open. */
export function readDatabase(
  path: string,
  sql: string,
  parameters: readonly string[],
): readonly Record<string, unknown>[] {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    return database.prepare(sql).all(...parameters);
  } finally {
    database.close();
  }
}
