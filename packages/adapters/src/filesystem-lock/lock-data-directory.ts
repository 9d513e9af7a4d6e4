import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import { forgetHolder, type LockHolder, readHolder, recordHolder } from './lock-holder.ts';

export interface DataDirectoryLock {
  /** Lets others in. Idempotent. The end of the process, however it comes, does the same. */
  release(): void;
}

// SQLite's result code for "another connection has it".
const SQLITE_BUSY = 5;

// A lock whose connection is collected as garbage would be gone: what is held stays reachable from here.
const held = new Set<DatabaseSync>();

/**
 * Makes this process the only one that writes in a data directory, which is made if it is missing. It holds an exclusive
 * SQLite transaction on `lock.db`: the operating system frees that when the process dies, `kill -9` included, so no
 * stale lock is ever left to guess about. `lock.json` only tells people who holds it.
 *
 * Do not read `lock.db` within this process: closing any descriptor on it drops POSIX locks (fcntl(2)).
 * @throws ScarmonitError `conflict` that says who holds it, since when and what to do; `internal` when the directory
 *   cannot be written
 */
export function lockDataDirectory(directory: string): DataDirectoryLock {
  const lock = acquire(directory);
  held.add(lock);
  recordHolder(directory);
  return {
    release() {
      if (!held.delete(lock)) return;
      // While the lock is still held, or the next holder's entry might be removed.
      forgetHolder(directory);
      lock.close();
    },
  };
}

function acquire(directory: string): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    database = new DatabaseSync(join(directory, 'lock.db'), { timeout: 0 });
    database.exec('BEGIN EXCLUSIVE');
    return database;
  } catch (error) {
    database?.close();
    if ((error as { readonly errcode?: unknown }).errcode === SQLITE_BUSY)
      throw inUse(directory, readHolder(directory));
    const reason = error instanceof Error ? error.message : String(error);
    throw new ScarmonitError(
      'internal',
      `The data directory ${directory} cannot be used: ${reason}. ` +
        'Check that it may be written, or set SCARMONIT_DATA_DIR to another directory.',
      { cause: error },
    );
  }
}

function inUse(directory: string, holder: LockHolder | undefined): ScarmonitError {
  const who =
    holder === undefined ? 'another process' : `process ${holder.processId} on ${holder.host} since ${holder.since}`;
  const stop = holder === undefined ? 'Stop that process' : `Stop that process (kill ${holder.processId})`;
  return new ScarmonitError(
    'conflict',
    `The data directory ${directory} is in use by ${who}. ` +
      `${stop}, or set SCARMONIT_DATA_DIR to another directory.`,
  );
}
