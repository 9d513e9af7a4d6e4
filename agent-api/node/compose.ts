import { createMemoryRateLimiter } from '@scarmonit/adapters/memory/memory-rate-limiter';
import { openSqlite } from '@scarmonit/adapters/sqlite/open-sqlite';
import { createNodeHash } from '@scarmonit/adapters/system/node-hash';
import { createSystemClock } from '@scarmonit/adapters/system/system-clock';
import { createSystemIds } from '@scarmonit/adapters/system/system-ids';
import { Deployments } from '@scarmonit/core/deployments/deployments';
import type { VersionEvents } from '@scarmonit/core/deployments/supervise-version';
import { defaultProjectId as projectId } from '@scarmonit/core/keys/default-project';
import { type BootstrapKey, createKeyService } from '@scarmonit/core/keys/key-service';
import type { Clock } from '@scarmonit/core/ports/clock';
import type { AgentServices } from '@scarmonit/core/services/agent-services';
import { type ApplyManifest, createApplyManifest } from '@scarmonit/core/services/apply-manifest';
import { createPredictionBuffer } from '@scarmonit/core/services/buffer-predictions';
import { createModelService } from '@scarmonit/core/services/manage-models';
import { createVersionRegistrar } from '@scarmonit/core/services/register-version';
import { createHealthService, type HealthSwitch } from '@scarmonit/core/services/report-health';
import { createInferenceService } from '@scarmonit/core/services/serve-inference';
import { createKeyRepository } from '@scarmonit/store/key-repository';
import { migrate } from '@scarmonit/store/migrate';
import { createPredictionRepository } from '@scarmonit/store/prediction-repository';
import { createVersionRepository } from '@scarmonit/store/version-repository';
import type { Logger } from 'pino';
import type { HostConfig } from './config.ts';
import { createArtifactStore } from './create-artifact-store.ts';
import { createRuntimes } from './create-runtimes.ts';
import { readManifestText } from './read-manifest-file.ts';

/** The app's parts, plugged together for Node. */
export interface ComposedApp {
  readonly services: AgentServices;
  readonly deployments: Deployments;
  readonly applyManifest: ApplyManifest;
  readonly health: HealthSwitch;
  readonly bootstrapKey: BootstrapKey;
  readonly clock: Clock;
  newRequestId(): string;
  /** Unloads every version, flushes the records, closes the store. */
  close(): Promise<void>;
}

/** Plugs the adapters into the ports of core. The only place that knows which adapter serves which port on Node. */
export async function compose(
  config: HostConfig,
  databasePath: string,
  logger: Logger,
  events: VersionEvents,
): Promise<ComposedApp> {
  const clock = createSystemClock();
  const ids = createSystemIds();
  const hash = createNodeHash();
  const database = openSqlite(databasePath);
  await migrate(database, clock);
  const keys = createKeyService({
    repository: createKeyRepository(database),
    limiter: createMemoryRateLimiter({ clock }),
    clock,
    ids,
    hash,
    projectId,
  });
  await keys.load();
  const bootstrapKey = await keys.ensureBootstrapKey(config.adminKey);
  const predictions = createPredictionRepository(database);
  const buffer = createPredictionBuffer({
    repository: predictions,
    clock,
    onError: ({ error, waiting, dropped }) =>
      logger.error({ err: error, waiting, dropped }, 'request records could not be written; they are tried again'),
  });
  const deployments = new Deployments();
  const artifacts = createArtifactStore(config);
  const registry = { versions: createVersionRepository(database), hash, projectId };
  const applyManifest = createApplyManifest({
    ...registry,
    deployments,
    supervisor: {
      artifacts,
      runtimes: createRuntimes({ config, logger, clock, artifacts }),
      clock,
      events,
      register: createVersionRegistrar(registry, clock),
    },
    onUnloadError: (error) => logger.error({ err: error }, 'a version could not be unloaded'),
  });
  const health = createHealthService({ deployments, clock, checkStore: () => database.check() });
  return {
    services: {
      keys,
      inference: createInferenceService({ deployments, clock, ids, record: (prediction) => buffer.record(prediction) }),
      models: createModelService({ deployments, applyManifest, readManifest: readManifestText }),
      predictions,
      health,
    },
    deployments,
    applyManifest,
    health,
    bootstrapKey,
    clock,
    newRequestId: () => `req_${ids.next()}`,
    close: async () => {
      const supervisors = deployments.list().flatMap(({ versions }) => [...versions.values()]);
      const stopped = await Promise.allSettled(supervisors.map((supervisor) => supervisor.stop()));
      for (const result of stopped) {
        if (result.status === 'rejected') logger.error({ err: result.reason }, 'a version could not be unloaded');
      }
      await applyManifest.drained();
      await buffer.close();
      await database.close();
    },
  };
}
