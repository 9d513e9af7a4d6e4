import type { LeaseRepository } from '@scarmonit/core/ports/lease-repository';
import type { SqlDatabase } from '@scarmonit/core/ports/sql-database';
import { compileStatement } from './compile-statement.ts';
import { createQueryBuilder } from './query-builder.ts';

/** Leases in SQL: taking one is a single statement, so that no two holders can both succeed. */
export function createLeaseRepository(db: SqlDatabase): LeaseRepository {
  const builder = createQueryBuilder(db.dialect);
  return {
    async hold(name, holder, now, until) {
      const query = builder
        .insertInto('leases')
        .values({ name, holder, held_until: until })
        .onConflict((conflict) =>
          conflict
            .column('name')
            .doUpdateSet({ holder, held_until: until })
            .where(({ eb, or }) => or([eb('leases.holder', '=', holder), eb('leases.held_until', '<=', now)])),
        )
        .returning('name');
      return (await db.query(compileStatement(query))).length > 0;
    },
    async release(name, holder) {
      const query = builder.deleteFrom('leases').where('name', '=', name).where('holder', '=', holder);
      await db.query(compileStatement(query));
    },
  };
}
