import { createFetchTransport } from '@scarmonit/adapters/fetch/create-fetch-transport';
import { createOpenAiCompatibleRuntime } from '@scarmonit/adapters/runtimes/openai-compatible/create-openai-compatible-runtime';
import { describeIdentityChange } from '@scarmonit/adapters/runtimes/openai-compatible/describe-identity';
import { createWorkersAiBindingRuntime } from '@scarmonit/adapters/runtimes/workers-ai/create-workers-ai-runtime';
import type { Clock } from '@scarmonit/core/ports/clock';
import type { Ids } from '@scarmonit/core/ports/ids';
import type { Runtimes } from '@scarmonit/core/ports/model-runtime';
import type { ChangedUpstream } from '@scarmonit/core/services/refresh-evidence';
import type { WorkerConfig } from './config.ts';
import type { Env } from './env.ts';
import { log } from './log.ts';

/** The runtimes of the worker: Workers AI by its binding, upstreams by `fetch`. Engines that need a machine of their own are not among them. */
export function createRuntimes(
  env: Env,
  config: WorkerConfig,
  clock: Clock,
  ids: Ids,
  onUpstreamChange: (changed: ChangedUpstream) => void,
): Runtimes {
  return {
    'workers-ai': createWorkersAiBindingRuntime({ ai: env.AI, clock, ids, passSignal: config.aiTakesSignal }),
    'openai-compatible': createOpenAiCompatibleRuntime({
      transport: createFetchTransport(),
      clock,
      random: Math.random,
      lookUpSecret: config.secrets.lookUp,
      onFirstIdentity: (first) => log('info', 'an upstream says who answers', { ...first }),
      onIdentityChange: (change) => {
        log('warn', 'an upstream answers as another than before', { ...change });
        const { model, version } = change;
        onUpstreamChange({ model, version, change: describeIdentityChange(change) });
      },
    }),
  };
}
