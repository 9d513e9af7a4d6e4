import type { SqlDatabase, SqlDialect } from '@scarmonit/core/ports/sql-database';
import type { Asking } from './contract.ts';
import type { PrimaryContract } from './http-process-contract.ts';

/** The primary's database. Its promises hold here as well: what has resolved is durable. */
export function createRemoteSqlDatabase(
  primary: Pick<Asking<PrimaryContract>, 'call'>,
  dialect: SqlDialect,
): SqlDatabase {
  return {
    dialect,
    query: async (statement) => {
      const [rows = []] = await primary.call('sql', [statement]);
      return rows;
    },
    batch: async (statements) => (statements.length === 0 ? [] : primary.call('sql', statements)),
  };
}
