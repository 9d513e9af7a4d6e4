import { reset } from 'cloudflare:test';
import type { SqlDatabase } from '@scarmonit/core/ports/sql-database';
import { createFakeClock } from '@scarmonit/core/test/fake-clock';
import { createFeedbackRepository } from '@scarmonit/store/feedback-repository';
import { createKeyRepository } from '@scarmonit/store/key-repository';
import { createLeaseRepository } from '@scarmonit/store/lease-repository';
import { createManifestRepository } from '@scarmonit/store/manifest-repository';
import { migrate } from '@scarmonit/store/migrate';
import { createPredictionRepository } from '@scarmonit/store/prediction-repository';
import { createReceiptRepository } from '@scarmonit/store/receipt-repository';
import { createRolloutFactsRepository } from '@scarmonit/store/rollout-facts-repository';
import { createRolloutRepository } from '@scarmonit/store/rollout-repository';
import { createSessionRepository } from '@scarmonit/store/session-repository';
import { createShadowPairRepository } from '@scarmonit/store/shadow-pair-repository';
import { createVersionRepository } from '@scarmonit/store/version-repository';
import { openD1 } from '../../src/cloudflare/d1/open-d1.ts';
import { testFeedbackRepository } from '../contracts/feedback-repository.ts';
import { testKeyRepository } from '../contracts/key-repository.ts';
import { testLeaseRepository } from '../contracts/lease-repository.ts';
import { testManifestRepository } from '../contracts/manifest-repository.ts';
import { testMigrations } from '../contracts/migrations.ts';
import { testPredictionRepository } from '../contracts/prediction-repository.ts';
import { testReceiptRepository } from '../contracts/receipt-repository.ts';
import { testRolloutFactsRepository } from '../contracts/rollout-facts-repository.ts';
import { testRolloutRepository } from '../contracts/rollout-repository.ts';
import { testSessionRepository } from '../contracts/session-repository.ts';
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
testRolloutFactsRepository('D1', openWith(createRolloutFactsRepository));
testLeaseRepository('D1', openWith(createLeaseRepository));

const openRollouts = openWith((db) => ({
  rollouts: createRolloutRepository(db),
  receipts: createReceiptRepository(db),
}));
testRolloutRepository('D1', openRollouts);
testReceiptRepository('D1', openRollouts);
testFeedbackRepository(
  'D1',
  openWith((db) => ({
    feedback: createFeedbackRepository(db),
    pairs: createShadowPairRepository(db),
    predictions: createPredictionRepository(db),
    rollouts: createRolloutRepository(db),
  })),
);
testSessionRepository(
  'D1',
  openWith((db) => ({ sessions: createSessionRepository(db), keys: createKeyRepository(db) })),
);
