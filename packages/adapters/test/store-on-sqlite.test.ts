import type { SqlDatabase } from '@scarmonit/core/ports/sql-database';
import { createFakeClock } from '@scarmonit/core/test/fake-clock';
import { createKeyRepository } from '@scarmonit/store/key-repository';
import { createManifestRepository } from '@scarmonit/store/manifest-repository';
import { migrate } from '@scarmonit/store/migrate';
import { createPredictionRepository } from '@scarmonit/store/prediction-repository';
import { createVersionRepository } from '@scarmonit/store/version-repository';
import { openSqlite } from '../src/sqlite/open-sqlite.ts';
import { testKeyRepository } from './contracts/key-repository.ts';
import { testManifestRepository } from './contracts/manifest-repository.ts';
import { testMigrations } from './contracts/migrations.ts';
import { testPredictionRepository } from './contracts/prediction-repository.ts';
import { testVersionRepository } from './contracts/version-repository.ts';

const open = async () => {
  const db = openSqlite(':memory:');
  return { db, close: () => db.close() };
};

const openWith =
  <Repository>(create: (db: SqlDatabase) => Repository) =>
  async () => {
    const { db, close } = await open();
    await migrate(db, createFakeClock());
    return { repository: create(db), close };
  };

testMigrations('SQLite', open);
testKeyRepository('SQLite', openWith(createKeyRepository));
testPredictionRepository('SQLite', openWith(createPredictionRepository));
testVersionRepository('SQLite', openWith(createVersionRepository));
testManifestRepository('SQLite', openWith(createManifestRepository));
