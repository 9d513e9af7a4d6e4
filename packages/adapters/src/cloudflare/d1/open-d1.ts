import type { SqlDatabase, SqlRow, SqlStatement, SqlValue } from '@scarmonit/core/ports/sql-database';

/**
 * The SQL port on Cloudflare D1. A batch is one transaction there (developers.cloudflare.com/d1/worker-api/d1-database,
 * "batch"). Opening does nothing; a database that cannot be reached says so at the first statement.
 */
export function openD1(database: D1Database): SqlDatabase {
  const prepare = ({ sql, parameters }: SqlStatement): D1PreparedStatement => {
    refuseLargeValues(parameters);
    return database.prepare(sql).bind(...parameters);
  };
  return {
    dialect: 'sqlite',
    query: async (statement) => toRows((await prepare(statement).all<D1Row>()).results),
    async batch(statements) {
      if (statements.length === 0) return [];
      const results = await database.batch<D1Row>(statements.map(prepare));
      return results.map(({ results: rows }) => toRows(rows));
    },
  };
}

/** What a value may have at Cloudflare (developers.cloudflare.com/d1/platform/limits); the D1 of workerd takes more. */
const mostValueBytes = 2_000_000;

function refuseLargeValues(parameters: readonly SqlValue[]): void {
  for (const value of parameters) {
    const bytes = typeof value === 'string' ? value.length : value instanceof Uint8Array ? value.byteLength : 0;
    if (bytes > mostValueBytes) throw new Error(`D1 takes values of up to ${mostValueBytes} bytes, not of ${bytes}.`);
  }
}

/** D1 gives bytes back as a list of numbers. */
type D1Row = Record<string, SqlValue | number[]>;

function toRows(rows: readonly D1Row[] | undefined): readonly SqlRow[] {
  return (rows ?? []).map(toRow);
}

function toRow(row: D1Row): SqlRow {
  const values: Record<string, SqlValue> = {};
  for (const [column, value] of Object.entries(row)) {
    values[column] = Array.isArray(value) ? Uint8Array.from(value) : value;
  }
  return values;
}
