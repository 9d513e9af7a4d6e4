import { waitUntil as waitUntilEnd } from 'cloudflare:workers';
import { openD1 } from '@scarmonit/adapters/cloudflare/d1/open-d1';
import { createDurableObjectRateLimiter } from '@scarmonit/adapters/cloudflare/durable-object/durable-object-rate-limiter';
import { createRolloutLeaders } from '@scarmonit/adapters/cloudflare/durable-object/rollout-leaders';
import { createTrafficSender } from '@scarmonit/adapters/cloudflare/durable-object/traffic-sender';
import { createIsolateClock } from '@scarmonit/adapters/cloudflare/isolate/isolate-clock';
import { openKv } from '@scarmonit/adapters/cloudflare/kv/open-kv';
import { openR2 } from '@scarmonit/adapters/cloudflare/r2/open-r2';
import { createNodeHash } from '@scarmonit/adapters/system/node-hash';
import { createSystemIds } from '@scarmonit/adapters/system/system-ids';
import { createEd25519Signer } from '@scarmonit/adapters/web-crypto/ed25519';
import { Deployments } from '@scarmonit/core/deployments/deployments';
import { defaultProjectId as projectId } from '@scarmonit/core/keys/default-project';
import { createKeyService } from '@scarmonit/core/keys/key-service';
import type { Hash } from '@scarmonit/core/ports/hash';
import type { Notification } from '@scarmonit/core/ports/notifier';
import { createApplyManifest } from '@scarmonit/core/services/apply-manifest';
import { createModelService } from '@scarmonit/core/services/manage-models';
import { createHealthService } from '@scarmonit/core/services/report-health';
import { createRolloutRounds, followOpenRollouts, type RolloutRounds } from '@scarmonit/core/services/run-rollouts';
import { createInferenceService } from '@scarmonit/core/services/serve-inference';
import { createAlertRounds } from '@scarmonit/core/services/watch-alerts';
import { createFactsWriter } from '@scarmonit/core/services/write-facts';
import { createSlowRequestLog } from '@scarmonit/core/telemetry/slow-requests';
import { createAgentApi } from '@scarmonit/server/create-agent-api';
import { createKeyRepository } from '@scarmonit/store/key-repository';
import { createManifestRepository } from '@scarmonit/store/manifest-repository';
import { migrate, requireSchema } from '@scarmonit/store/migrate';
import { createPredictionRepository } from '@scarmonit/store/prediction-repository';
import { createVersionRepository } from '@scarmonit/store/version-repository';
import { composeAlerts } from '../compose-alerts.ts';
import { composeRolloutFaces } from '../compose-rollout-faces.ts';
import { composeRollouts } from '../compose-rollouts.ts';
import { composeExposition } from '../compose-telemetry.ts';
import { composeIsolateAnomalies } from './compose-anomalies.ts';
import { composeIsolateMetrics } from './compose-metrics.ts';
import { composePortal } from './compose-portal.ts';
import { readConfig } from './config.ts';
import { createRuntimes } from './create-runtimes.ts';
import { defaultManifest } from './default-manifest.ts';
import type { Env } from './env.ts';
import { exposeEdgeRequests } from './expose-edge-requests.ts';
import { createFactsFlush } from './flush-facts.ts';
import { FreshState } from './fresh-state.ts';
import { createKeepAlive } from './keep-alive.ts';
import { noArtifacts } from './local-engines.ts';
import { log, logFailure } from './log.ts';
import { createDeliveringNotifier, createHandingNotifier, isStillDelivering, noModel, openChannels } from './notify.ts';
import { openTracing } from './open-tracing.ts';
import { createPredictionRecorder } from './record-predictions.ts';
import { registerAdminKey } from './register-admin-key.ts';
import { runHourly } from './run-hourly.ts';
import { runTogether } from './run-together.ts';
import { readManifest, registeredElsewhere, WantedManifest } from './wanted-manifest.ts';

/** The app as one isolate runs it. */
export interface ComposedApp {
  fetch(request: Request): Response | Promise<Response>;
  /** What the cron trigger runs. @param now milliseconds since the Unix epoch */
  runEveryMinute(now: number): Promise<void>;
  /** The same, once an hour. */
  runHourly(now: number): Promise<void>;
  /** One round of a model's rollouts, for the object that leads them. @returns whether there is more to do */
  leadRollouts(model: string): Promise<boolean>;
  /** Delivers a notification, for the object that leads: deliveries outlive requests. */
  deliver(notification: Notification): void;
  /** Brings keys and models up to date, if they are older than they may be. @throws when the store was never read */
  prepare(): Promise<void>;
}

/**
 * Plugs the adapters into the ports of core. The only place that knows which adapter serves which port on Workers. Does
 * no I/O; what it makes lives as long as the isolate.
 * @param deliversItself whether notifications are delivered here, as leaders do, or handed over to the leader
 * @throws ConfigError
 */
export function compose(env: Env, deliversItself: 'delivers' | 'hands-over' = 'hands-over'): ComposedApp {
  const config = readConfig(env);
  const waitUntil = createKeepAlive(waitUntilEnd);
  const clock = createIsolateClock();
  const ids = createSystemIds();
  const hash = createNodeHash();
  const database = openD1(env.DB);
  const predictions = createPredictionRepository(database);
  const keys = createKeyService({
    repository: createKeyRepository(database),
    limiter: createDurableObjectRateLimiter({
      namespace: env.RATE_LIMITER,
      waitUntil,
      onError: (error) => log('error', 'an allowance could not be asked for; the request passes', { error }),
    }),
    clock,
    ids,
    hash,
    projectId,
  });
  const deployments = new Deployments();
  const leaders = createRolloutLeaders({
    namespace: env.DEPLOYMENT_COORDINATOR,
    clock,
    onError: (error) => log('warn', 'the leader of a rollout could not be called; it is called again', { error }),
  });
  const channels = openChannels(config, clock);
  const notifier =
    deliversItself === 'delivers' ? createDeliveringNotifier(channels, clock) : createHandingNotifier(env, waitUntil);
  const rollouts = composeRollouts({
    database,
    projectId,
    deployments,
    clock,
    ids,
    hash,
    signer: createEd25519Signer(deriveSeed(hash, config.encryptionKey)),
    notifier,
    keepAlive: waitUntil,
    log,
  });
  const { ports } = rollouts;
  const callLeaders = async (): Promise<void> => {
    const open = await ports.rollouts.listOpen(projectId);
    await leaders.call(open.map(({ rollout }) => rollout.model));
  };
  const versions = createVersionRepository(database);
  const runtimes = createRuntimes(env, config, clock, ids, (changed) =>
    waitUntil(rollouts.noteUpstreamChange(changed)),
  );
  const supervisor = { artifacts: noArtifacts, runtimes, clock, events: {}, register: async () => undefined };
  const onUnloadError = (error: unknown): void => log('error', 'a version could not be unloaded', { error });
  const faces = composeRolloutFaces({
    rollouts,
    database,
    predictions,
    registry: { versions, hash, projectId },
    supervisor,
    explainSecretUse: config.secrets.explainUse,
    wake: () => waitUntil(callLeaders()),
    onUnloadError,
  });
  // One for each change: work that is cut off with its request must not stand in the way of the next.
  const createChange = () =>
    createApplyManifest({
      ...ports,
      startRollout: faces.startRollout,
      versions: registeredElsewhere(versions),
      hash,
      projectId,
      deployments,
      supervisor,
      onUnloadError,
    });
  const wanted = new WantedManifest({
    repository: createManifestRepository(database),
    cache: openKv(env.MODEL_CACHE),
    registry: { versions, hash, projectId },
    clock,
    ids,
    leases: ports.leases,
    createChange,
    defaultText: defaultManifest,
    explainSecretUse: config.secrets.explainUse,
    waitUntil,
  });
  const metrics = composeIsolateMetrics({
    database,
    projectId,
    clock,
    ids,
    deployments,
    retentionDays: config.metricsRetentionDays,
    log,
    onSlow: createSlowRequestLog(clock, (slow) => log('warn', 'a request was slow', { ...slow })),
  });
  const anomalies = composeIsolateAnomalies({
    database,
    projectId,
    clock,
    ids,
    keys: createKeyRepository(database),
    notifier,
    log,
  });
  const recorder = createPredictionRecorder({
    clock,
    repository: predictions,
    metrics: anomalies.countBeside(metrics),
    traffic: createTrafficSender({
      namespace: env.DEPLOYMENT_COORDINATOR,
      isolateId: ids.next(),
      onError: (error) => log('warn', 'figures could not be sent; they are sent again', { error }),
    }),
    writeFacts: createFactsFlush({
      clock,
      write: createFactsWriter(ports.counters, ports.facts, ids.next()),
      onError: (error) => log('warn', 'counts of a rollout could not be written; they are written again', { error }),
    }),
    waitUntil,
    onError: (error, lost) =>
      log('error', 'request records could not be written; they are tried again', { error, lost }),
  });

  const alerts = composeAlerts({ database, rollouts, keys, channels, log });
  const alertRounds = createAlertRounds(alerts.ports);
  const { exposition } = composeExposition({ database, projectId, clock, deployments, host: 'cloudflare' });

  let rounds: RolloutRounds | undefined;
  let isPrepared = false;
  const state = new FreshState({
    clock,
    onError: (error) => log('error', 'the store could not be read; what is known goes on being used', { error }),
    waitUntil,
    refresh: async () => {
      if (!isPrepared) await (config.migrateAtStart ? migrate(database, clock) : requireSchema(database));
      await Promise.all([keys.load(), wanted.follow()]);
      const open = await followOpenRollouts(faces.ports);
      // A leader that was never called, or whose alarm was lost, is found by whoever serves the model.
      waitUntil(leaders.remind(open.map(({ model }) => model)));
      if (!isPrepared) await registerAdminKey(keys, config.adminKey);
      isPrepared = true;
      health.enter('serving');
    },
  });
  const health = createHealthService({
    deployments,
    clock,
    checkStore: () => {
      if (!state.isSound) throw new Error('The store could not be read.');
    },
  });
  const api = createAgentApi(
    {
      keys,
      inference: createInferenceService({
        deployments,
        assign: rollouts.assign,
        clock,
        ids,
        hash,
        record: (prediction) => recorder.record(prediction),
        content: anomalies.content,
      }),
      models: {
        ...createModelService({ deployments, applyManifest: createChange(), readManifest }),
        apply: (text) => wanted.apply(text),
      },
      predictions,
      ...metrics.services,
      ...alerts.services,
      ...anomalies.services,
      exposition: exposeEdgeRequests(exposition, env, deployments),
      ...faces.services,
      health,
    },
    {
      newRequestId: () => `req_${ids.next()}`,
      tracer: openTracing(config, clock, ids, waitUntil),
      maxBodyBytes: config.maxBodyBytes,
      cors: { origins: config.corsOrigins },
      portal: composePortal({ database, keys, clock, ids, hash, assets: env.ASSETS }),
      clock,
      onError: logFailure,
      onRefused: (reason) => waitUntil(metrics.countRefusal(reason)),
      ...(config.accessLog ? { onAnswered: (answered) => log('info', 'a request was answered', { ...answered }) } : {}),
      ...(config.trustConnectingIp ? { clientAddressOf: (header) => header('cf-connecting-ip') } : {}),
    },
  );
  return {
    fetch: (request) => api.fetch(request),
    prepare: () => state.ensure(),
    leadRollouts: async (model) => {
      if (model === noModel) return isStillDelivering(notifier, clock);
      rounds ??= createRolloutRounds(faces.ports, model);
      const isOpen = await rounds.round();
      return isOpen || (await isStillDelivering(notifier, clock));
    },
    deliver: (notification) => notifier.notify(notification),
    runEveryMinute: async (now) => {
      await runTogether({
        figures: metrics.everyMinute(now),
        anomalies: anomalies.everyMinute(),
        alerts: alertRounds.round(),
      });
    },
    runHourly: async (now) => {
      const records = {
        predictions,
        metrics: openKv(env.METRICS),
        archive: config.archiveRecords ? openR2(env.MODEL_BUCKET) : undefined,
        projectId,
        retentionDays: config.retentionDays,
      };
      await runTogether({ figures: metrics.everyHour(now), retention: runHourly(records, now) });
    },
  };
}

/** The key that receipts are signed with: 32 bytes that follow from the worker's secret, and tell nothing of it. */
function deriveSeed(hash: Hash, encryptionKey: string): Uint8Array {
  const digest = hash.sha256Hex(`scarmonit receipts\n${encryptionKey}`);
  return Uint8Array.from(digest.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
