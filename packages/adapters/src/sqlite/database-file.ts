import { closeSync, openSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { SqlRow, SqlStatement } from '@scarmonit/core/ports/sql-database';

/** A SQLite file, used from the one thread that opened it. */
export interface DatabaseFile {
  query(statement: SqlStatement): readonly SqlRow[];
  batch(statements: readonly SqlStatement[]): readonly (readonly SqlRow[])[];
  /** Reads the whole file; what SQLite finds wrong with it, nothing when it is sound. */
  findDamage(): readonly SqlRow[];
  close(): void;
}

// Statements are few and fixed; the bound only guards against SQL that is built anew each time.
const MAX_PREPARED_STATEMENTS = 128;
const LOCK_WAIT_MS = 5_000;
const SQLITE_CORRUPT = 11;

/**
 * Opens or creates a SQLite file in WAL mode. `synchronous=FULL` makes a commit survive a power cut as well as
 * `kill -9` (sqlite.org/pragma.html#pragma_synchronous).
 * @param path a file, or `:memory:`
 */
export function openDatabaseFile(path: string): DatabaseFile {
  if (path !== ':memory:') createPrivately(path);
  const database = new DatabaseSync(path, { timeout: LOCK_WAIT_MS, enableForeignKeyConstraints: true });
  try {
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
  } catch (error) {
    database.close();
    throw error;
  }
  const prepare = createStatementCache(database);
  const run = ({ sql, parameters }: SqlStatement): readonly SqlRow[] => prepare(sql).all(...parameters) as SqlRow[];

  return {
    query: run,
    batch(statements) {
      database.exec('BEGIN IMMEDIATE');
      try {
        const results = statements.map(run);
        database.exec('COMMIT');
        return results;
      } catch (error) {
        // SQLite has rolled back by itself after some errors, a full disk for one.
        if (database.isTransaction) database.exec('ROLLBACK');
        throw error;
      }
    },
    findDamage: () => findDamage(database),
    close: () => database.close(),
  };
}

function findDamage(database: DatabaseSync): readonly SqlRow[] {
  try {
    const rows = database.prepare('PRAGMA quick_check(10)').all() as SqlRow[];
    return rows.filter((row) => row.quick_check !== 'ok');
  } catch (error) {
    // Some damage ends the check itself.
    if (error instanceof Error && 'errcode' in error && error.errcode === SQLITE_CORRUPT) {
      return [{ quick_check: error.message }];
    }
    throw error;
  }
}

/** Keys' hashes are nobody else's business; the WAL gets the file's mode from SQLite. */
function createPrivately(path: string): void {
  try {
    // Never opens a file that exists: closing a second descriptor would drop the POSIX locks of this process on it.
    closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

function createStatementCache(database: DatabaseSync): (sql: string) => StatementSync {
  const prepared = new Map<string, StatementSync>();
  return (sql) => {
    const known = prepared.get(sql);
    if (known !== undefined) return known;
    const statement = database.prepare(sql);
    const [oldest] = prepared.keys();
    if (oldest !== undefined && prepared.size >= MAX_PREPARED_STATEMENTS) prepared.delete(oldest);
    prepared.set(sql, statement);
    return statement;
  };
}
