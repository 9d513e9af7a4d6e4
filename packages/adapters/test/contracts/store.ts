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
import { testAlertRepository } from './alert-repository.ts';
import { testAnomalyRepository } from './anomaly-repository.ts';
import { testChangeRepository } from './change-repository.ts';
import { testDriftRepository } from './drift-repository.ts';
import { testFeedbackRepository } from './feedback-repository.ts';
import { testFeedbackScoreRepository } from './feedback-score-repository.ts';
import { testKeyRepository } from './key-repository.ts';
import { testLeaseRepository } from './lease-repository.ts';
import { testManifestRepository } from './manifest-repository.ts';
import { testMetricsRepository } from './metrics-repository.ts';
import { testMigrations } from './migrations.ts';
import { testPredictionRepository } from './prediction-repository.ts';
import { testReceiptRepository } from './receipt-repository.ts';
import { testRolloutFactsRepository } from './rollout-facts-repository.ts';
import { testRolloutRepository } from './rollout-repository.ts';
import { testSessionRepository } from './session-repository.ts';
import { testUptimeRepository } from './uptime-repository.ts';
import { testVersionRepository } from './version-repository.ts';
import { testVersionStatusRepository } from './version-status-repository.ts';

/** An empty database, before any migration. */
export type OpenDatabase = () => Promise<{ readonly db: SqlDatabase; close(): Promise<void> }>;

/** What every database under the store has to keep to: its migrations, and the contract of each repository. */
export function testStore(name: string, open: OpenDatabase): void {
  const openWith =
    <Repository>(create: (db: SqlDatabase) => Repository) =>
    async () => {
      const { db, close } = await open();
      await migrate(db, createFakeClock());
      return { repository: create(db), close };
    };

  testMigrations(name, open);
  testKeyRepository(name, openWith(createKeyRepository));
  testPredictionRepository(name, openWith(createPredictionRepository));
  testVersionRepository(name, openWith(createVersionRepository));
  testManifestRepository(name, openWith(createManifestRepository));
  testRolloutFactsRepository(name, openWith(createRolloutFactsRepository));
  testLeaseRepository(name, openWith(createLeaseRepository));

  const openRollouts = openWith((db) => ({
    rollouts: createRolloutRepository(db),
    receipts: createReceiptRepository(db),
  }));
  testRolloutRepository(name, openRollouts);
  testReceiptRepository(name, openRollouts);
  testVersionStatusRepository(
    name,
    openWith((db) => ({
      statuses: createVersionStatusRepository(db),
      versions: createVersionRepository(db),
      rollouts: createRolloutRepository(db),
    })),
  );
  testFeedbackRepository(
    name,
    openWith((db) => ({
      feedback: createFeedbackRepository(db),
      pairs: createShadowPairRepository(db),
      predictions: createPredictionRepository(db),
      rollouts: createRolloutRepository(db),
    })),
  );
  testSessionRepository(
    name,
    openWith((db) => ({ sessions: createSessionRepository(db), keys: createKeyRepository(db) })),
  );
  testAlertRepository(
    name,
    openWith((db) => ({ alerts: createAlertRepository(db), changes: createChangeRepository(db) })),
  );
  testAnomalyRepository(name, openWith(createAnomalyRepository));
  testDriftRepository(name, openWith(createDriftRepository));
  testChangeRepository(
    name,
    openWith((db) => ({
      changes: createChangeRepository(db),
      anomalies: createAnomalyRepository(db),
      drift: createDriftRepository(db),
    })),
  );
  testMetricsRepository(name, openWith(createMetricsRepository));
  testUptimeRepository(name, openWith(createUptimeRepository));
  testFeedbackScoreRepository(
    name,
    openWith((db) => ({
      scores: createFeedbackScoreRepository(db),
      feedback: createFeedbackRepository(db),
      predictions: createPredictionRepository(db),
    })),
  );
}
