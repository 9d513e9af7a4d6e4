import type { SqlDialect } from '@scarmonit/core/ports/sql-database';
import {
  type DatabaseIntrospector,
  type DialectAdapter,
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryCompiler,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import type { StoreSchema } from './schema.ts';

interface DialectParts {
  adapter(): DialectAdapter;
  compiler(): QueryCompiler;
  introspector(db: Kysely<unknown>): DatabaseIntrospector;
}

const partsOf: Readonly<Record<SqlDialect, DialectParts>> = {
  sqlite: {
    adapter: () => new SqliteAdapter(),
    compiler: () => new SqliteQueryCompiler(),
    introspector: (db) => new SqliteIntrospector(db),
  },
  postgres: {
    adapter: () => new PostgresAdapter(),
    compiler: () => new PostgresQueryCompiler(),
    introspector: (db) => new PostgresIntrospector(db),
  },
};

/**
 * A Kysely that only builds and compiles: running is the SQL port's part, whose atomic batch D1 needs in place of
 * Kysely's interactive transactions. Executing a query on it throws.
 */
export function createQueryBuilder<Schema = StoreSchema>(dialect: SqlDialect): Kysely<Schema> {
  const parts = partsOf[dialect];
  return new Kysely<Schema>({
    dialect: {
      createAdapter: parts.adapter,
      createDriver: () => new DummyDriver(),
      createIntrospector: parts.introspector,
      createQueryCompiler: parts.compiler,
    },
  });
}
