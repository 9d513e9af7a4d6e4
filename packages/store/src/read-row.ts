import type { SqlRow } from '@scarmonit/core/ports/sql-database';

/** Reads a text column. @throws Error when the row does not hold text there: the schema and the code disagree */
export function readText(row: SqlRow, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw wrongType(column, 'text', value);
  return value;
}

/** Reads a text column that may be null. */
export function readOptionalText(row: SqlRow, column: string): string | undefined {
  return row[column] === null ? undefined : readText(row, column);
}

/** Reads a numeric column. @throws Error when the row does not hold a number there */
export function readNumber(row: SqlRow, column: string): number {
  const value = row[column];
  if (typeof value !== 'number') throw wrongType(column, 'a number', value);
  return value;
}

/** Reads a numeric column that may be null. */
export function readOptionalNumber(row: SqlRow, column: string): number | undefined {
  return row[column] === null ? undefined : readNumber(row, column);
}

function wrongType(column: string, wanted: string, value: unknown): Error {
  const found = value === undefined ? 'missing' : value === null ? 'null' : typeof value;
  return new Error(`Column ${column} should hold ${wanted}; it is ${found}`);
}
