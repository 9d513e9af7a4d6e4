import { join } from 'node:path';
import type { PreparedEngines } from '@scarmonit/adapters/engine-process/prepared-engines';
import { createFilesystemBlobStore } from '@scarmonit/adapters/filesystem/blob-store';
import { createMemoryRateLimiter } from '@scarmonit/adapters/memory/memory-rate-limiter';
import { openSqlite } from '@scarmonit/adapters/sqlite/open-sqlite';
import { createNodeHash } from '@scarmonit/adapters/system/node-hash';
import { createSystemClock } from '@scarmonit/adapters/system/system-clock';
import { createSystemIds } from '@scarmonit/adapters/system/system-ids';
import { createEd25519Signer } from '@scarmonit/adapters/web-crypto/ed25519';
import { Deployments } from '@scarmonit/core/deployments/deployments';
import type { SupervisorPorts, VersionEvents } from '@scarmonit/core/deployments/supervise-version';
import type { ApiKey } from '@scarmonit/core/keys/api-key';
import { defaultProjectId as projectId } from '@scarmonit/core/keys/default-project';
import { type BootstrapKey, createKeyService } from '@scarmonit/core/keys/key-service';
import type { Clock } from '@scarmonit/core/ports/clock';
import type { RateLimiter } from '@scarmonit/core/ports/rate-limiter';
import type { SqlDatabase } from '@scarmonit/core/ports/sql-database';
import type { AgentServices } from '@scarmonit/core/services/agent-services';
import { type ApplyManifest, createApplyManifest } from '@scarmonit/core/services/apply-manifest';
import { createPredictionBuffer } from '@scarmonit/core/services/buffer-predictions';
import { expirePredictions } from '@scarmonit/core/services/expire-predictions';
import { createModelService } from '@scarmonit/core/services/manage-models';
import type { ChangedUpstream } from '@scarmonit/core/services/refresh-evidence';
import { createVersionRegistrar } from '@scarmonit/core/services/register-version';
import { createHealthService, type HealthSwitch } from '@scarmonit/core/services/report-health';
import { createInferenceService } from '@scarmonit/core/services/serve-inference';
import { startAlertWatch } from '@scarmonit/core/services/watch-alerts';
import type { Tracer } from '@scarmonit/core/telemetry/tracer';
import { createKeyRepository } from '@scarmonit/store/key-repository';
import { migrate } from '@scarmonit/store/migrate';
import { createPredictionRepository } from '@scarmonit/store/prediction-repository';
import { createVersionRepository } from '@scarmonit/store/version-repository';
import type { Logger } from 'pino';
import { composeAlerts } from '../compose-alerts.ts';
import { startAnomalies } from '../compose-anomalies.ts';
import { type ComposedMetrics, composeMetrics } from '../compose-metrics.ts';
import { composeRolloutFaces } from '../compose-rollout-faces.ts';
import { type ComposedRollouts, composeRollouts } from '../compose-rollouts.ts';
import { composeExposition } from '../compose-telemetry.ts';
import type { HostConfig } from './config.ts';
import { createArtifactStore } from './create-artifact-store.ts';
import { openNotifications } from './create-notifier.ts';
import { createRuntimes } from './create-runtimes.ts';
import { createNodeSecretGuard } from './guard-secrets.ts';
import { logSlowRequests } from './log-slow-requests.ts';
import { createMeasureProcesses } from './measure-processes.ts';
import { openSandboxStores } from './open-sandbox-stores.ts';
import { openTracing } from './open-tracing.ts';
import { announceKeys } from './processes/announce-keys.ts';
import { applyEverywhere } from './processes/apply-everywhere.ts';
import { holdVersions } from './processes/hold-versions.ts';
import type { HttpProcesses } from './processes/http-processes.ts';
import { WatchedDeployments } from './processes/watched-deployments.ts';
import { readDiskSpace } from './read-disk-space.ts';
import { readManifestText } from './read-manifest-file.ts';
import { readSigningKey } from './read-signing-key.ts';

/** The app's parts, plugged together for Node. */
export interface ComposedApp {
  readonly services: AgentServices;
  readonly deployments: Deployments;
  readonly applyManifest: ApplyManifest;
  readonly health: HealthSwitch;
  readonly bootstrapKey: BootstrapKey;
  readonly clock: Clock;
  /** What there is once, however many processes answer requests. */
  readonly shared: {
    readonly database: SqlDatabase;
    readonly limiter: RateLimiter;
    listKeys(): Promise<readonly ApiKey[]>;
    onUpstreamChange(changed: ChangedUpstream): void;
  };
  readonly newRequestId: () => string;
  readonly tracer: Tracer | undefined;
  readonly onRefused: ComposedMetrics['recordRefusal'];
  /** Unloads every version, flushes the records, closes the store. */
  close(): Promise<void>;
}

export interface HostParts {
  readonly config: HostConfig;
  readonly databasePath: string;
  readonly logger: Logger;
  readonly events: VersionEvents;
  /** Engine processes to use before others are forked. */
  readonly engines: PreparedEngines;
  /** Other processes that answer requests, where there are some; they hear of what changes. */
  readonly processes: HttpProcesses | undefined;
}

/** Plugs the adapters into the ports of core. The only place that knows which adapter serves which port on Node. */
export async function compose(parts: HostParts): Promise<ComposedApp> {
  const { config, databasePath, logger, events, engines, processes } = parts;
  const clock = createSystemClock();
  const ids = createSystemIds();
  const hash = createNodeHash();
  const database = openSqlite(databasePath);
  await migrate(database, clock);
  const keyRepository = createKeyRepository(database);
  const limiter = createMemoryRateLimiter({ clock });
  const keys = createKeyService({
    repository: processes === undefined ? keyRepository : announceKeys(keyRepository, processes),
    limiter,
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
  const expiry = expirePredictions({
    repository: predictions,
    clock,
    projectId,
    retentionDays: config.retentionDays,
    archive: config.archiveRecords ? createFilesystemBlobStore(join(config.dataDir, 'archive')) : undefined,
    onError: (error) =>
      logger.error({ err: error }, 'old request records could not be deleted; tried again in an hour'),
  });
  const deployments = processes === undefined ? new Deployments() : new WatchedDeployments(processes.onTableChange);
  const metrics = composeMetrics({
    database,
    projectId,
    clock,
    ids,
    deployments,
    retentionDays: config.metricsRetentionDays,
    log: (level, message, details) => logger[level](details, message),
    onSlow: logSlowRequests(clock, logger),
  });
  const artifacts = createArtifactStore(config);
  const registry = { versions: createVersionRepository(database), hash, projectId };
  const { channels, notifier } = await openNotifications(config, clock, logger);
  const rollouts = composeRollouts({
    database,
    projectId,
    deployments,
    clock,
    ids,
    hash,
    signer: createEd25519Signer(readSigningKey(config.dataDir)),
    notifier,
    log: (level, message, details) => logger[level](details, message),
  });
  const alerts = composeAlerts({
    database,
    rollouts,
    keys,
    channels,
    readSpace: () => readDiskSpace(config.dataDir),
    log: (level, message, details) => logger[level](details, message),
  });
  const alertWatch = startAlertWatch(alerts.ports);
  const anomalies = startAnomalies({
    database,
    projectId,
    clock,
    ids,
    keys: keyRepository,
    notifier,
    log: (level, message, details) => logger[level](details, message),
  });
  const runtimes = createRuntimes({
    config,
    logger,
    clock,
    ids,
    artifacts,
    engines,
    onUpstreamChange: rollouts.noteUpstreamChange,
  });
  const supervisor: SupervisorPorts = {
    artifacts,
    runtimes: processes === undefined ? runtimes : holdVersions(runtimes, processes.untilFollowed),
    clock,
    events: { ...events, onState: onStateOf(events, rollouts, metrics) },
    register: createVersionRegistrar(registry, clock),
  };
  const onUnloadError = (error: unknown): void => logger.error({ err: error }, 'a version could not be unloaded');
  const { explainUse: explainSecretUse } = createNodeSecretGuard(config);
  const faces = composeRolloutFaces({
    rollouts,
    database,
    predictions,
    registry,
    supervisor,
    explainSecretUse,
    openSandboxStores: () => openSandboxStores(clock),
    onUnloadError,
  });
  await faces.versions.follow();
  const applyHere = createApplyManifest({
    ...rollouts.ports,
    ...registry,
    startRollout: faces.startRollout,
    deployments,
    supervisor,
    onUnloadError,
  });
  const applyManifest = processes === undefined ? applyHere : applyEverywhere(applyHere, processes.untilFollowed);
  faces.runner.wake();
  const measureProcesses = createMeasureProcesses(buffer, processes);
  const tracing = await openTracing(config, clock, ids, logger);
  const exposition = composeExposition({ database, projectId, clock, deployments, host: 'node', measureProcesses });
  const health = createHealthService({ deployments, clock, checkStore: () => database.check() });
  return {
    services: {
      keys,
      inference: createInferenceService({
        deployments,
        assign: rollouts.assign,
        clock,
        ids,
        hash,
        record: (prediction) => {
          buffer.record(prediction);
          metrics.record(prediction);
          anomalies.record(prediction);
        },
        content: anomalies.content,
      }),
      models: createModelService({
        deployments,
        applyManifest,
        readManifest: (text) => readManifestText(text, explainSecretUse),
      }),
      predictions,
      ...metrics.services,
      ...anomalies.services,
      ...alerts.services,
      ...exposition,
      ...faces.services,
      health,
    },
    deployments,
    applyManifest,
    health,
    bootstrapKey,
    clock,
    shared: {
      database,
      limiter,
      listKeys: () => keyRepository.list(projectId),
      onUpstreamChange: rollouts.noteUpstreamChange,
    },
    newRequestId: () => `req_${ids.next()}`,
    tracer: tracing?.tracer,
    onRefused: metrics.recordRefusal,
    close: async () => {
      await metrics.endService();
      await rollouts.shadows.close();
      await faces.runner.close();
      await alertWatch.close();
      await notifier.close();
      const supervisors = deployments.list().flatMap(({ versions }) => [...versions.values()]);
      const stopped = await Promise.allSettled(supervisors.map((supervisor) => supervisor.stop()));
      for (const result of stopped) {
        if (result.status === 'rejected') onUnloadError(result.reason);
      }
      await applyManifest.drained();
      await expiry.close();
      await buffer.close();
      await metrics.close();
      await anomalies.close();
      await tracing?.close();
      await database.close();
    },
  };
}

/** Tells the host, the rollouts of crashes, and uptime of what can serve from now on. */
function onStateOf(
  events: VersionEvents,
  { ports }: ComposedRollouts,
  metrics: Pick<ComposedMetrics, 'noteState'>,
): NonNullable<VersionEvents['onState']> {
  return (spec, state, reason) => {
    if (state === 'restarting') ports.counters.countCrash(spec.model, spec.version);
    if (state === 'ready') metrics.noteState();
    events.onState?.(spec, state, reason);
  };
}
