import { createFirstTables } from './0001-create-first-tables.ts';
import { createManifests } from './0002-create-manifests.ts';
import { createRolloutTables } from './0003-create-rollout-tables.ts';
import { createSessions } from './0004-create-sessions.ts';
import { createMetrics } from './0005-create-metrics.ts';
import type { Migration } from './migration.ts';

/** Every migration there is, in order. New ones are added at the end. */
export const migrations: readonly Migration[] = [
  createFirstTables,
  createManifests,
  createRolloutTables,
  createSessions,
  createMetrics,
];
