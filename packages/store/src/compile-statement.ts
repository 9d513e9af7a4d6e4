import { maxParameters, type SqlStatement, type SqlValue } from '@scarmonit/core/ports/sql-database';
import type { Compilable } from 'kysely';

/**
 * Compiles a Kysely query for the SQL port.
 * @throws Error when it binds something that not every database takes, or more than {@link maxParameters} values
 */
export function compileStatement(query: Compilable): SqlStatement {
  const { sql, parameters } = query.compile();
  if (parameters.length > maxParameters) {
    throw new Error(`A statement binds ${parameters.length} parameters; at most ${maxParameters} are allowed: ${sql}`);
  }
  return { sql, parameters: parameters.map(toSqlValue) };
}

function toSqlValue(value: unknown): SqlValue {
  if (typeof value === 'string' || typeof value === 'number' || value === null || value instanceof Uint8Array) {
    return value;
  }
  throw new Error(`A statement cannot bind a value of type ${typeof value}`);
}
