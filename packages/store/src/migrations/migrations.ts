import { createFirstTables } from './0001-create-first-tables.ts';
import { createManifests } from './0002-create-manifests.ts';
import { createRolloutTables } from './0003-create-rollout-tables.ts';
import { createSessions } from './0004-create-sessions.ts';
import { createMetrics } from './0005-create-metrics.ts';
import { createAlerts } from './0006-create-alerts.ts';
import { createAnomalies } from './0007-create-anomalies.ts';
import { indexPredictions } from './0008-index-predictions.ts';
import type { Migration } from './migration.ts';

/** Every migration there is, in order. New ones are added at the end. */
export const migrations: readonly Migration[] = [
  createFirstTables,
  createManifests,
  createRolloutTables,
  createSessions,
  createMetrics,
  createAlerts,
  createAnomalies,
  indexPredictions,
];
