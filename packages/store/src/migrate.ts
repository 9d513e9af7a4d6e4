import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import type { Clock } from '@scarmonit/core/ports/clock';
import type { SqlDatabase, SqlDialect, SqlStatement } from '@scarmonit/core/ports/sql-database';
import type { Compilable, Kysely } from 'kysely';
import { compileStatement } from './compile-statement.ts';
import type { Migration } from './migrations/migration.ts';
import { migrations as knownMigrations } from './migrations/migrations.ts';
import { createQueryBuilder } from './query-builder.ts';
import { readNumber, readText } from './read-row.ts';
import type { StoreSchema } from './schema.ts';

export interface MigrationOutcome {
  /** The schema's version now. */
  readonly version: number;
  /** Versions that this call applied, in order. */
  readonly applied: readonly number[];
}

/**
 * Brings the schema to the newest version that this build knows. Forward only; each migration is one atomic batch with
 * the row that records it, so a failed one leaves the schema as it was before it. Several processes may call it at once.
 * @throws ScarmonitError `conflict` when the schema is newer than this build knows or of other making, `internal` when
 *   a migration fails; the caller must not start then
 */
export async function migrate(
  db: SqlDatabase,
  clock: Pick<Clock, 'now'>,
  migrations: readonly Migration[] = knownMigrations,
): Promise<MigrationOutcome> {
  const builder = createQueryBuilder(db.dialect);
  await db.query(compileStatement(createMigrationsTable(builder)));
  let version = refuseUnknown(await readApplied(db, builder), migrations);
  const applied: number[] = [];
  for (const migration of migrations) {
    if (migration.version <= version) continue;
    try {
      await db.batch(statementsOf(migration, db.dialect, clock.now()));
      applied.push(migration.version);
    } catch (error) {
      // Another process that started at the same time may have been first; then its result is as good as ours.
      const now = refuseUnknown(await readApplied(db, builder), migrations);
      if (now < migration.version) throw failed(migration, version, error);
    }
    version = migration.version;
  }
  return { version, applied };
}

/** A migration as plain statements, the record of itself included. */
export interface PlannedMigration {
  readonly version: number;
  readonly name: string;
  readonly statements: readonly SqlStatement[];
}

/** All that {@link migrate} would run on an empty database, for stores that other tools migrate. */
export function planMigrations(dialect: SqlDialect, appliedAt: number): readonly PlannedMigration[] {
  const table = compileStatement(createMigrationsTable(createQueryBuilder(dialect)));
  return knownMigrations.map((migration) => ({
    version: migration.version,
    name: migration.name,
    statements: [table, ...statementsOf(migration, dialect, appliedAt)],
  }));
}

/**
 * Makes sure that the schema is the one that this build works with, for hosts whose store is migrated when they are
 * deployed and not when they start. One read.
 * @throws ScarmonitError `conflict` when it is newer, older or of other making; `internal` when it cannot be read
 */
export async function requireSchema(
  db: SqlDatabase,
  migrations: readonly Migration[] = knownMigrations,
): Promise<void> {
  const version = refuseUnknown(await readAppliedIfAny(db), migrations);
  const wanted = migrations.at(-1)?.version ?? 0;
  if (version < wanted) {
    throw new ScarmonitError(
      'conflict',
      `The store's schema is version ${version}; this build of Scarmonit needs version ${wanted}. Migrate it first.`,
    );
  }
}

async function readAppliedIfAny(db: SqlDatabase): Promise<readonly AppliedMigration[]> {
  try {
    return await readApplied(db, createQueryBuilder(db.dialect));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    // A store that nobody has migrated yet, in the words of SQLite and of Postgres.
    if (/no such table|does not exist/.test(reason)) return [];
    throw new ScarmonitError('internal', `The store cannot be read: ${reason}`, { cause: error });
  }
}

function createMigrationsTable(builder: Kysely<StoreSchema>): Compilable {
  return builder.schema
    .createTable('schema_migrations')
    .ifNotExists()
    .addColumn('version', 'integer', (column) => column.primaryKey())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('applied_at', 'bigint', (column) => column.notNull());
}

interface AppliedMigration {
  readonly version: number;
  readonly name: string;
}

async function readApplied(db: SqlDatabase, builder: Kysely<StoreSchema>): Promise<readonly AppliedMigration[]> {
  const query = builder.selectFrom('schema_migrations').select(['version', 'name']).orderBy('version');
  const rows = await db.query(compileStatement(query));
  return rows.map((row) => ({ version: readNumber(row, 'version'), name: readText(row, 'name') }));
}

/** @returns the schema's version, 0 for an empty database */
function refuseUnknown(applied: readonly AppliedMigration[], known: readonly Migration[]): number {
  const newest = applied.at(-1)?.version ?? 0;
  const newestKnown = known.at(-1)?.version ?? 0;
  if (newest > newestKnown) {
    throw new ScarmonitError(
      'conflict',
      `The store's schema is version ${newest}; this build of Scarmonit knows up to version ${newestKnown}. ` +
        'Start the newer build that wrote it, or use another data directory.',
    );
  }
  for (const { version, name } of applied) {
    const expected = known.find((migration) => migration.version === version)?.name;
    if (expected !== name) {
      throw new ScarmonitError(
        'conflict',
        `The store's schema is not one that this build of Scarmonit knows: its migration ${version} is "${name}", ` +
          `here it is "${expected ?? 'missing'}". Use the build that wrote it, or another data directory.`,
      );
    }
  }
  return newest;
}

function statementsOf(migration: Migration, dialect: SqlDialect, appliedAt: number): readonly SqlStatement[] {
  const record = createQueryBuilder(dialect)
    .insertInto('schema_migrations')
    .values({ version: migration.version, name: migration.name, applied_at: appliedAt });
  // The record goes first: when two processes race, the loser stops at its unique version before it touches a table.
  return [record, ...migration.statements(createQueryBuilder<unknown>(dialect))].map(compileStatement);
}

function failed(migration: Migration, version: number, cause: unknown): ScarmonitError {
  // Some databases end their sentences, others do not.
  const reason = (cause instanceof Error ? cause.message : String(cause)).replace(/\.$/, '');
  return new ScarmonitError(
    'internal',
    `Migration ${migration.version} (${migration.name}) of the store failed: ${reason}. ` +
      `The store is unchanged at version ${version}.`,
    { cause },
  );
}
