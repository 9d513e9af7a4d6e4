import { createEngineProcessRuntime } from '@scarmonit/adapters/engine-process/engine-process-runtime';
import type { PreparedEngines } from '@scarmonit/adapters/engine-process/prepared-engines';
import type { ArtifactStore } from '@scarmonit/core/ports/artifact-store';
import type { Clock } from '@scarmonit/core/ports/clock';
import type { Ids } from '@scarmonit/core/ports/ids';
import type { ModelRuntime, Runtimes, UpstreamRuntime } from '@scarmonit/core/ports/model-runtime';
import type {
  LocalRuntimeName,
  RemoteVersionSpec,
  UpstreamVersionSpec,
  WorkersAiVersionSpec,
} from '@scarmonit/core/registry/version-spec';
import type { ChangedUpstream } from '@scarmonit/core/services/refresh-evidence';
import type { Logger } from 'pino';
import type { HostConfig } from './config.ts';
import { findEngineModule } from './engine-modules.ts';
import { createNodeSecretGuard } from './guard-secrets.ts';

export interface RuntimeParts {
  readonly config: HostConfig;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly artifacts: ArtifactStore;
  readonly engines: PreparedEngines;
  /** Told when an upstream answers as another than before. */
  onUpstreamChange(changed: ChangedUpstream): void;
}

/** The runtimes of the Node host: engines in processes of their own, and upstreams over undici. */
export function createRuntimes(parts: RuntimeParts): Runtimes {
  return {
    'llama-cpp': createLocalRuntime('llama-cpp', parts),
    onnx: createLocalRuntime('onnx', parts),
    'openai-compatible': createWhenUsed(() => createUpstreamRuntime(parts)),
    'workers-ai': createWhenUsed(() => createWorkersAiRuntime(parts)),
  };
}

/** Imported with the first upstream: a host without any starts a tenth of a second sooner. */
function createWhenUsed<Spec extends RemoteVersionSpec>(
  create: () => Promise<UpstreamRuntime<Spec>>,
): UpstreamRuntime<Spec> {
  let created: Promise<UpstreamRuntime<Spec>> | undefined;
  return {
    load: async (spec) => {
      created ??= create();
      return (await created).load(spec);
    },
  };
}

async function createWorkersAiRuntime({
  config,
  clock,
  ids,
}: RuntimeParts): Promise<UpstreamRuntime<WorkersAiVersionSpec>> {
  const [{ createWorkersAiRestRuntime }, { createUndiciTransport }] = await Promise.all([
    import('@scarmonit/adapters/runtimes/workers-ai/create-workers-ai-runtime'),
    import('@scarmonit/adapters/undici/create-undici-transport'),
  ]);
  const { lookUp: lookUpSecret, requireBound } = createNodeSecretGuard(config);
  const { cloudflare } = config;
  const transport = createUndiciTransport();
  return createWorkersAiRestRuntime({ transport, clock, ids, lookUpSecret, requireBound, cloudflare });
}

function createLocalRuntime(name: LocalRuntimeName, parts: RuntimeParts): ModelRuntime {
  const { config, logger, clock, artifacts, engines } = parts;
  const engineModule = findEngineModule(name);
  return createEngineProcessRuntime({
    engineModule,
    clock,
    env: config.engineEnvironment,
    takePrepared: () => engines.take(engineModule),
    checkArtifact: (spec) => artifacts.verify(spec.artifact.sha256),
    onLog: (line, { model, version }) => logger.debug({ model, version }, line),
    onEvent: (event) => {
      if (event.type === 'restarting') logger.warn(event, 'an engine process ended');
      else logger.info(event, 'an engine process is ready');
    },
  });
}

async function createUpstreamRuntime(parts: RuntimeParts): Promise<UpstreamRuntime<UpstreamVersionSpec>> {
  const { config, logger, clock, onUpstreamChange } = parts;
  const [{ createOpenAiCompatibleRuntime }, { describeIdentityChange }, { createUndiciTransport }] = await Promise.all([
    import('@scarmonit/adapters/runtimes/openai-compatible/create-openai-compatible-runtime'),
    import('@scarmonit/adapters/runtimes/openai-compatible/describe-identity'),
    import('@scarmonit/adapters/undici/create-undici-transport'),
  ]);
  return createOpenAiCompatibleRuntime({
    transport: createUndiciTransport(),
    clock,
    random: Math.random,
    lookUpSecret: createNodeSecretGuard(config).lookUp,
    onFirstIdentity: (first) => logger.info(first, 'an upstream says who answers'),
    onIdentityChange: (change) => {
      logger.warn(change, 'an upstream answers as another than before');
      const { model, version } = change;
      onUpstreamChange({ model, version, change: describeIdentityChange(change) });
    },
  });
}
