import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import type { SqliteFailure } from './database-messages.ts';

/** What to do, by SQLite's primary result code (sqlite.org/rescode.html). */
const advice: Readonly<Record<number, string>> = {
  5: 'Another process holds it: stop that process.',
  8: 'It may not be written: check the permissions of the file and its folder.',
  10: 'The disk failed to read or write: check the disk.',
  11: 'The file is damaged: restore it from a backup.',
  13: 'The disk is full: free some space.',
  14: 'The file cannot be opened: check that its folder exists and may be written.',
  26: 'The file is not a SQLite database: move it away or use another data directory.',
};

/** Names the file, the reason and, where there is one, the way out. */
export function describeFailure(path: string, failure: SqliteFailure): ScarmonitError {
  // The low byte of an extended code is the primary one.
  const hint = failure.resultCode === undefined ? undefined : advice[failure.resultCode & 0xff];
  const message = `The store at ${path} failed: ${failure.message}.${hint === undefined ? '' : ` ${hint}`}`;
  return new ScarmonitError('internal', message);
}
