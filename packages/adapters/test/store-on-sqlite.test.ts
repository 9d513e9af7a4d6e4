import type { SqlDatabase } from '@scarmonit/core/ports/sql-database';
import { createFakeClock } from '@scarmonit/core/test/fake-clock';
import { createAlertRepository } from '@scarmonit/store/alert-repository';
import { createAnomalyRepository } from '@scarmonit/store/anomaly-repository';
import { createChangeRepository } from '@scarmonit/store/change-repository';
import { createDriftRepository } from '@scarmonit/store/drift-repository';
import { createFeedbackRepository } from '@scarmonit/store/feedback-repository';
import { createKeyRepository } from '@scarmonit/store/key-repository';
import { createLeaseRepository } from '@scarmonit/store/lease-repository';
import { createManifestRepository } from '@scarmonit/store/manifest-repository';
import { createFeedbackScoreRepository } from '@scarmonit/store/metrics-feedback-repository';
import { createMetricsRepository } from '@scarmonit/store/metrics-repository';
import { createUptimeRepository } from '@scarmonit/store/metrics-uptime-repository';
import { migrate } from '@scarmonit/store/migrate';
import { createPredictionRepository } from '@scarmonit/store/prediction-repository';
import { createReceiptRepository } from '@scarmonit/store/receipt-repository';
import { createRolloutFactsRepository } from '@scarmonit/store/rollout-facts-repository';
import { createRolloutRepository } from '@scarmonit/store/rollout-repository';
import { createSessionRepository } from '@scarmonit/store/session-repository';
import { createShadowPairRepository } from '@scarmonit/store/shadow-pair-repository';
import { createVersionRepository } from '@scarmonit/store/version-repository';
import { createVersionStatusRepository } from '@scarmonit/store/version-status-repository';
import { openSqlite } from '../src/sqlite/open-sqlite.ts';
import { testAlertRepository } from './contracts/alert-repository.ts';
import { testAnomalyRepository } from './contracts/anomaly-repository.ts';
import { testChangeRepository } from './contracts/change-repository.ts';
import { testDriftRepository } from './contracts/drift-repository.ts';
import { testFeedbackRepository } from './contracts/feedback-repository.ts';
import { testFeedbackScoreRepository } from './contracts/feedback-score-repository.ts';
import { testKeyRepository } from './contracts/key-repository.ts';
import { testLeaseRepository } from './contracts/lease-repository.ts';
import { testManifestRepository } from './contracts/manifest-repository.ts';
import { testMetricsRepository } from './contracts/metrics-repository.ts';
import { testMigrations } from './contracts/migrations.ts';
import { testPredictionRepository } from './contracts/prediction-repository.ts';
import { testReceiptRepository } from './contracts/receipt-repository.ts';
import { testRolloutFactsRepository } from './contracts/rollout-facts-repository.ts';
import { testRolloutRepository } from './contracts/rollout-repository.ts';
import { testSessionRepository } from './contracts/session-repository.ts';
import { testUptimeRepository } from './contracts/uptime-repository.ts';
import { testVersionRepository } from './contracts/version-repository.ts';
import { testVersionStatusRepository } from './contracts/version-status-repository.ts';

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
testRolloutFactsRepository('SQLite', openWith(createRolloutFactsRepository));
testLeaseRepository('SQLite', openWith(createLeaseRepository));

const openRollouts = openWith((db) => ({
  rollouts: createRolloutRepository(db),
  receipts: createReceiptRepository(db),
}));
testRolloutRepository('SQLite', openRollouts);
testReceiptRepository('SQLite', openRollouts);
testVersionStatusRepository(
  'SQLite',
  openWith((db) => ({
    statuses: createVersionStatusRepository(db),
    versions: createVersionRepository(db),
    rollouts: createRolloutRepository(db),
  })),
);
testFeedbackRepository(
  'SQLite',
  openWith((db) => ({
    feedback: createFeedbackRepository(db),
    pairs: createShadowPairRepository(db),
    predictions: createPredictionRepository(db),
    rollouts: createRolloutRepository(db),
  })),
);
testSessionRepository(
  'SQLite',
  openWith((db) => ({ sessions: createSessionRepository(db), keys: createKeyRepository(db) })),
);
testAlertRepository(
  'SQLite',
  openWith((db) => ({ alerts: createAlertRepository(db), changes: createChangeRepository(db) })),
);
testAnomalyRepository('SQLite', openWith(createAnomalyRepository));
testDriftRepository('SQLite', openWith(createDriftRepository));
testChangeRepository(
  'SQLite',
  openWith((db) => ({
    changes: createChangeRepository(db),
    anomalies: createAnomalyRepository(db),
    drift: createDriftRepository(db),
  })),
);
testMetricsRepository('SQLite', openWith(createMetricsRepository));
testUptimeRepository('SQLite', openWith(createUptimeRepository));
testFeedbackScoreRepository(
  'SQLite',
  openWith((db) => ({
    scores: createFeedbackScoreRepository(db),
    feedback: createFeedbackRepository(db),
    predictions: createPredictionRepository(db),
  })),
);
