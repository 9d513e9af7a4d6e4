import { PreparedEngines } from '@scarmonit/adapters/engine-process/prepared-engines';
import type { Asking, Handlers } from '@scarmonit/adapters/process-channel/contract';
import type { HttpProcessContract, PrimaryContract } from '@scarmonit/adapters/process-channel/http-process-contract';
import { createRemoteRateLimiter } from '@scarmonit/adapters/process-channel/remote-rate-limiter';
import { createRemoteSqlDatabase } from '@scarmonit/adapters/process-channel/remote-sql-database';
import { createNodeHash } from '@scarmonit/adapters/system/node-hash';
import { createSystemClock } from '@scarmonit/adapters/system/system-clock';
import { createSystemIds } from '@scarmonit/adapters/system/system-ids';
import { createProcessMeter } from '@scarmonit/adapters/telemetry/measure-process';
import { Deployments } from '@scarmonit/core/deployments/deployments';
import { defaultProjectId as projectId } from '@scarmonit/core/keys/default-project';
import { createKeyService } from '@scarmonit/core/keys/key-service';
import { createPredictionBuffer } from '@scarmonit/core/services/buffer-predictions';
import { createMetricsRecorder } from '@scarmonit/core/services/record-metrics';
import { createInferenceService } from '@scarmonit/core/services/serve-inference';
import { createAgentApi } from '@scarmonit/server/create-agent-api';
import { createPredictionRepository } from '@scarmonit/store/prediction-repository';
import type { Logger } from 'pino';
import { startWatchCounting } from '../../compose-anomalies.ts';
import { composeCounting } from '../../compose-metrics.ts';
import type { ComposedTracing } from '../../compose-tracing.ts';
import { toApiOptions } from '../api-options.ts';
import type { HostConfig } from '../config.ts';
import { createArtifactStore } from '../create-artifact-store.ts';
import { createRuntimes } from '../create-runtimes.ts';
import { type Listening, listen } from '../listen.ts';
import { logSlowRequests } from '../log-slow-requests.ts';
import { measureUpstreams } from '../measure-upstreams.ts';
import { countRollouts } from './count-rollouts.ts';
import { TableFollower } from './follow-table.ts';
import { FollowedKeys } from './followed-keys.ts';
import { handOver } from './hand-over.ts';
import { elsewhere } from './services-elsewhere.ts';

export interface HttpProcessParts {
  readonly config: HostConfig;
  readonly logger: Logger;
  readonly primary: Asking<PrimaryContract>;
  /** Where requests are traced. */
  readonly tracing: ComposedTracing | undefined;
}

/** What an HTTP process answers itself, to who brings a key. All else is the primary's, browsers' sessions too. */
const inferencePaths: ReadonlySet<string> = new Set([
  '/v1/chat/completions',
  '/v1/completions',
  '/v1/embeddings',
  '/v1/responses',
  '/api/infer',
  '/api/chat',
]);

/**
 * Plugs an HTTP process together: the same app over the same services as in a single process, with the primary behind the
 * ports of which there is one. Returns what the primary may ask of it.
 */
export function composeHttpProcess({
  config,
  logger,
  primary,
  tracing,
}: HttpProcessParts): Handlers<HttpProcessContract> {
  const clock = createSystemClock();
  const ids = createSystemIds();
  const hash = createNodeHash();
  const database = createRemoteSqlDatabase(primary, 'sqlite');
  const knownKeys = new FollowedKeys();
  const limiter = createRemoteRateLimiter(primary);
  const keys = createKeyService({ repository: knownKeys, limiter, clock, ids, hash, projectId });
  const buffer = createPredictionBuffer({
    repository: createPredictionRepository(database),
    clock,
    onError: ({ error, waiting, dropped }) =>
      logger.error({ err: error, waiting, dropped }, 'request records could not be written; they are tried again'),
  });
  const metrics = createMetricsRecorder({
    ...composeCounting({
      database,
      projectId,
      clock,
      ids,
      log: (level, message, details) => logger[level](details, message),
    }),
    clock,
    onSlow: logSlowRequests(clock, logger),
  });
  const watched = startWatchCounting({
    database,
    projectId,
    clock,
    ids,
    log: (level, message, details) => logger[level](details, message),
  });
  const deployments = new Deployments();
  const rollouts = countRollouts({ database, deployments, clock, ids, hash, logger });
  const runtimes = createRuntimes({
    config,
    logger,
    clock,
    ids,
    artifacts: createArtifactStore(config),
    engines: new PreparedEngines(),
    onUpstreamChange: (changed) => primary.tell('upstreamChanged', changed),
  });
  const table = new TableFollower({
    primary,
    deployments,
    upstreams: runtimes,
    clock,
    beforeTraffic: () => rollouts.round(),
    onUnloadError: (error) => logger.error({ err: error }, 'a version could not be unloaded'),
  });
  const inference = createInferenceService({
    deployments,
    assign: rollouts.assign,
    clock,
    ids,
    hash,
    record: (prediction) => {
      buffer.record(prediction);
      metrics.record(prediction);
      watched.record(prediction);
    },
    content: watched.content,
  });
  const api = createAgentApi(
    { keys, inference, ...elsewhere },
    toApiOptions(config, logger, {
      newRequestId: () => `req_${ids.next()}`,
      tracer: tracing?.tracer,
      onRefused: metrics.recordRefusal,
    }),
  );
  const measure = createProcessMeter();
  let listening: Listening | undefined;
  return {
    calls: {
      start: async (state) => {
        knownKeys.add(state.keys);
        await keys.load();
        await rollouts.round();
        await table.follow(state.table);
        listening = await listen({
          host: config.host,
          port: config.port,
          fetch: (request) =>
            request.headers.has('authorization') && inferencePaths.has(new URL(request.url).pathname)
              ? api.fetch(request)
              : handOver(primary, request, config.maxBodyBytes),
          direct: api.direct,
        });
        return { url: listening.url };
      },
      addKey: async (key) => {
        knownKeys.add([key]);
        await keys.load();
      },
      revokeKey: async (revoked) => {
        knownKeys.markRevoked(revoked);
        await keys.load();
      },
      measure: async () => ({
        ...measure(),
        recordsWaiting: buffer.waiting,
        recordsDropped: buffer.dropped,
        upstreams: await measureUpstreams(deployments),
      }),
      followTable: (published) => table.follow(published),
      drain: async ({ timeoutMs }) => {
        await listening?.close(timeoutMs);
        await rollouts.close();
        await buffer.close();
        await metrics.close();
        await watched.close();
        await table.close();
        await tracing?.close();
      },
    },
    streams: {},
    tells: {},
  };
}
