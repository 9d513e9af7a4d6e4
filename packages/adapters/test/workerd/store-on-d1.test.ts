import { reset } from 'cloudflare:test';
import type { SqlDatabase } from '@scarmonit/core/ports/sql-database';
import { createFakeClock } from '@scarmonit/core/test/fake-clock';
import { createKeyRepository } from '@scarmonit/store/key-repository';
import { createManifestRepository } from '@scarmonit/store/manifest-repository';
import { migrate } from '@scarmonit/store/migrate';
import { createPredictionRepository } from '@scarmonit/store/prediction-repository';
import { createVersionRepository } from '@scarmonit/store/version-repository';
import { openD1 } from '../../src/cloudflare/d1/open-d1.ts';
import { testKeyRepository } from '../contracts/key-repository.ts';
import { testManifestRepository } from '../contracts/manifest-repository.ts';
import { testMigrations } from '../contracts/migrations.ts';
import { testPredictionRepository } from '../contracts/prediction-repository.ts';
import { testSqlDatabase } from '../contracts/sql-database.ts';
import { testVersionRepository } from '../contracts/version-repository.ts';
import { bindings } from './bindings.ts';

const open = async () => ({ db: openD1(bindings.DB), close: () => reset() });

const openWith =
  <Repository>(create: (db: SqlDatabase) => Repository) =>
  async () => {
    const { db, close } = await open();
    await migrate(db, createFakeClock());
    return { repository: create(db), close };
  };

testSqlDatabase('D1', open);
testMigrations('D1', open);
testKeyRepository('D1', openWith(createKeyRepository));
testPredictionRepository('D1', openWith(createPredictionRepository));
testVersionRepository('D1', openWith(createVersionRepository));
testManifestRepository('D1', openWith(createManifestRepository));
