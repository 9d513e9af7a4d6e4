/** What a statement may bind and a row may hold, on every database. Booleans are 0 and 1. */
export type SqlValue = string | number | null | Uint8Array;

export type SqlRow = Readonly<Record<string, SqlValue>>;

/** Finished SQL with its values apart from it, never inside. */
export interface SqlStatement {
  readonly sql: string;
  /** At most {@link maxParameters}, in the order of the placeholders. */
  readonly parameters: readonly SqlValue[];
}

/** Bound parameters that a statement may have at the most; D1's limit (developers.cloudflare.com/d1/platform/limits). */
export const maxParameters = 100;

/** Which SQL the database speaks: how placeholders look and names are quoted. */
export type SqlDialect = 'sqlite' | 'postgres';

/**
 * A SQL database, cut down to what SQLite, D1 and Postgres can all promise. There are no interactive transactions,
 * because D1 has none: what belongs together is one {@link batch}, and a compare-and-swap is a unique insert.
 */
export interface SqlDatabase {
  readonly dialect: SqlDialect;
  /**
   * Runs one statement, committed and durable when the promise resolves. Rows of a `select` or `returning`, else none.
   * @throws Error with the database's message; nothing has changed then
   */
  query(statement: SqlStatement): Promise<readonly SqlRow[]>;
  /**
   * Runs all statements in order in one transaction: all of them or none, durable when the promise resolves.
   * @returns the rows of each statement
   */
  batch(statements: readonly SqlStatement[]): Promise<readonly (readonly SqlRow[])[]>;
}
