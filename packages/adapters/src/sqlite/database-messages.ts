import type { SqlRow, SqlStatement } from '@scarmonit/core/ports/sql-database';

/** What the worker is told to do. Work is done in the order in which it arrives. */
export type DatabaseRequest = { readonly id: number } & (
  | { readonly kind: 'query'; readonly statement: SqlStatement }
  | { readonly kind: 'batch'; readonly statements: readonly SqlStatement[] }
  | { readonly kind: 'find-damage' }
  | { readonly kind: 'close' }
);

/** Exactly one answer for each request, or `cannot-open` in place of all of them. */
export type DatabaseAnswer =
  | { readonly kind: 'done'; readonly id: number; readonly results: readonly (readonly SqlRow[])[] }
  | { readonly kind: 'failed'; readonly id: number; readonly failure: SqliteFailure }
  | { readonly kind: 'cannot-open'; readonly failure: SqliteFailure };

/** A failure as plain data. */
export interface SqliteFailure {
  readonly message: string;
  /** SQLite's (extended) result code, sqlite.org/rescode.html; absent when it was not SQLite that failed. */
  readonly resultCode?: number;
}
