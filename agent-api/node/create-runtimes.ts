import { createEngineProcessRuntime } from '@scarmonit/adapters/engine-process/engine-process-runtime';
import { createOpenAiCompatibleRuntime } from '@scarmonit/adapters/runtimes/openai-compatible/create-openai-compatible-runtime';
import { createUndiciTransport } from '@scarmonit/adapters/undici/create-undici-transport';
import type { ArtifactStore } from '@scarmonit/core/ports/artifact-store';
import type { Clock } from '@scarmonit/core/ports/clock';
import type { ModelRuntime, Runtimes } from '@scarmonit/core/ports/model-runtime';
import type { LocalRuntimeName } from '@scarmonit/core/registry/version-spec';
import type { Logger } from 'pino';
import type { HostConfig } from './config.ts';

export interface RuntimeParts {
  readonly config: HostConfig;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly artifacts: ArtifactStore;
}

const engineModules: Readonly<Record<LocalRuntimeName, string>> = {
  'llama-cpp': '@scarmonit/adapters/runtimes/llama-cpp/engine',
  onnx: '@scarmonit/adapters/runtimes/onnx/engine',
};

/** The runtimes of the Node host: engines in processes of their own, and upstreams over undici. */
export function createRuntimes({ config, logger, clock, artifacts }: RuntimeParts): Runtimes {
  const runtime = (name: LocalRuntimeName): ModelRuntime =>
    createEngineProcessRuntime({
      engineModule: new URL(import.meta.resolve(engineModules[name])),
      clock,
      env: config.engineEnvironment,
      checkArtifact: (spec) => artifacts.verify(spec.artifact.sha256),
      onLog: (line, { model, version }) => logger.debug({ model, version }, line),
      onEvent: (event) => {
        if (event.type === 'restarting') logger.warn(event, 'an engine process ended');
        else logger.info(event, 'an engine process is ready');
      },
    });
  return {
    'llama-cpp': runtime('llama-cpp'),
    onnx: runtime('onnx'),
    'openai-compatible': createOpenAiCompatibleRuntime({
      transport: createUndiciTransport(),
      clock,
      random: Math.random,
      lookUpSecret: config.lookUpSecret,
      onIdentityChange: (change) => logger.warn(change, 'an upstream answers as another than before'),
    }),
  };
}
