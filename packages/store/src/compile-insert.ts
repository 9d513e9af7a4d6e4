import { maxParameters, type SqlStatement, type SqlValue } from '@scarmonit/core/ports/sql-database';
import type { Compilable } from 'kysely';

type Bindable<Row> = { readonly [Column in keyof Row]: SqlValue };

/**
 * Turns rows into as few insert statements as {@link maxParameters} allows. The SQL for each number of rows is compiled
 * once: Kysely's compiler costs more than SQLite's insert does, and this runs for every request that was served.
 * @param build the insert of these rows, binding nothing but their values
 * @returns a function whose rows must all have the same columns in the same order, as one object literal makes them
 */
export function createInsertCompiler<Row extends Bindable<Row>>(
  build: (rows: readonly Row[]) => Compilable,
): (rows: readonly Row[]) => readonly SqlStatement[] {
  const sqlByRowCount = new Map<number, string>();

  const compile = (rows: readonly Row[]): SqlStatement => {
    const parameters: SqlValue[] = [];
    for (const row of rows) {
      for (const value of Object.values<SqlValue>(row)) parameters.push(value);
    }
    let sql = sqlByRowCount.get(rows.length);
    if (sql === undefined) {
      sql = build(rows).compile().sql;
      sqlByRowCount.set(rows.length, sql);
    }
    return { sql, parameters };
  };

  return (rows) => {
    const [first] = rows;
    if (first === undefined) return [];
    const rowsPerStatement = Math.floor(maxParameters / Object.keys(first).length);
    const statements: SqlStatement[] = [];
    for (let start = 0; start < rows.length; start += rowsPerStatement) {
      statements.push(compile(rows.slice(start, start + rowsPerStatement)));
    }
    return statements;
  };
}
