import { parentPort, workerData } from 'node:worker_threads';
import type { SqlRow } from '@scarmonit/core/ports/sql-database';
import { type DatabaseFile, openDatabaseFile } from './database-file.ts';
import type { DatabaseAnswer, DatabaseRequest, SqliteFailure } from './database-messages.ts';

// The entry of the thread that owns the file; `workerData` is the file's path.

function answer(message: DatabaseAnswer): void {
  parentPort?.postMessage(message);
}

function perform(database: DatabaseFile, request: DatabaseRequest): readonly (readonly SqlRow[])[] {
  switch (request.kind) {
    case 'query':
      return [database.query(request.statement)];
    case 'batch':
      return database.batch(request.statements);
    case 'find-damage':
      return [database.findDamage()];
    case 'close':
      database.close();
      return [];
  }
}

function toFailure(error: unknown): SqliteFailure {
  const message = error instanceof Error ? error.message : String(error);
  const resultCode = error instanceof Error && 'errcode' in error ? error.errcode : undefined;
  return typeof resultCode === 'number' ? { message, resultCode } : { message };
}

function open(path: string): DatabaseFile | undefined {
  try {
    return openDatabaseFile(path);
  } catch (error) {
    answer({ kind: 'cannot-open', failure: toFailure(error) });
    return undefined;
  }
}

const database = open(String(workerData));
if (database !== undefined) {
  parentPort?.on('message', (request: DatabaseRequest) => {
    try {
      answer({ kind: 'done', id: request.id, results: perform(database, request) });
    } catch (error) {
      answer({ kind: 'failed', id: request.id, failure: toFailure(error) });
    }
  });
}
