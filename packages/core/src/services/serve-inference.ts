import type { Deployments, LiveModel } from '../deployments/deployments.ts';
import { ScarmonitError } from '../errors/scarmonit-error.ts';
import { RecordedEvents } from '../inference/recorded-events.ts';
import { type TrackedRequest, trackRequest } from '../inference/track-request.ts';
import type { ApiKey } from '../keys/api-key.ts';
import type { Clock } from '../ports/clock.ts';
import type { LoadedVersion, Usage } from '../ports/model-runtime.ts';
import type { Prediction } from '../ports/prediction-repository.ts';
import type { Task, VersionSpec } from '../registry/version-spec.ts';
import type { InferenceCall, InferenceService, ServedBy } from './agent-services.ts';

export interface InferencePorts {
  readonly deployments: Deployments;
  readonly clock: Clock;
  readonly record: (prediction: Prediction) => void;
}

/** True when the key's allow-list names the model, or when it has none. */
export function mayUse(key: ApiKey, model: string): boolean {
  return key.models === undefined || key.models.includes(model);
}

/**
 * The model of that name.
 * @throws ScarmonitError `unknown_model`, in the same words for a model that the key may not use: a key must not be a
 *   way to find out which models there are
 */
export function findModel(deployments: Deployments, key: ApiKey, name: string): LiveModel {
  const model = deployments.find(name);
  if (model !== undefined && mayUse(key, name)) return model;
  throw new ScarmonitError(
    'unknown_model',
    `The model '${name.slice(0, 64)}' does not exist or you do not have access to it. GET /v1/models lists yours.`,
    { code: 'model_not_found', param: 'model' },
  );
}

/** The use case behind every inference route: resolve the model, choose the version, run, record. */
export function createInferenceService({ deployments, clock, record }: InferencePorts): InferenceService {
  /** From the call to a version that can answer; each failure after the model is known is recorded with it. */
  const begin = (
    call: InferenceCall,
    task: Task,
  ): { request: TrackedRequest; loaded: LoadedVersion; servedBy: ServedBy } => {
    const name = call.model ?? defaultModel(deployments, task, call.key);
    const model = findModel(deployments, call.key, name);
    if (model.spec.task !== task) throw wrongTask(model, task);
    const supervisor = deployments.route(model, call.pin);
    const request = trackRequest(call, supervisor.spec, clock, record);
    try {
      return { request, loaded: supervisor.use(), servedBy: { model: name, version: supervisor.spec.version } };
    } catch (error) {
      throw request.fail(error);
    }
  };

  /** Runs a call that answers in one piece. */
  const answer = async <T extends { readonly inputTokens: number }>(
    request: TrackedRequest,
    run: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> => {
    try {
      const result = await run(request.signal);
      request.succeed({ inputTokens: result.inputTokens, outputTokens: 0 } satisfies Usage);
      return result;
    } catch (error) {
      throw request.fail(error);
    }
  };

  return {
    generate: async (call, wanted) => {
      const { request, loaded, servedBy } = begin(call, 'chat');
      if (loaded.generate === undefined) throw request.fail(missingAbility(servedBy, 'generate text'));
      const source = loaded.generate(wanted, { signal: request.signal })[Symbol.asyncIterator]();
      return { servedBy, events: await new RecordedEvents(source, request).prime() };
    },

    embed: async (call, wanted) => {
      const { request, loaded, servedBy } = begin(call, 'embedding');
      const { embed } = loaded;
      if (embed === undefined) throw request.fail(missingAbility(servedBy, 'embed'));
      return { servedBy, result: await answer(request, (signal) => embed.call(loaded, wanted, { signal })) };
    },

    classify: async (call, wanted) => {
      const { request, loaded, servedBy } = begin(call, 'classification');
      const { classify } = loaded;
      if (classify === undefined) throw request.fail(missingAbility(servedBy, 'classify'));
      return { servedBy, result: await answer(request, (signal) => classify.call(loaded, wanted, { signal })) };
    },

    defaultModel: (task, key) => defaultModel(deployments, task, key),
  };
}

function defaultModel(deployments: Deployments, task: Task, key: ApiKey): string {
  const names = deployments
    .list()
    .filter((model) => model.spec.task === task && mayUse(key, model.spec.name))
    .map((model) => model.spec.name);
  const [only, ...others] = names;
  if (only === undefined) {
    throw new ScarmonitError('unknown_model', `No model of the task '${task}' is served here.`, {
      code: 'model_not_found',
      param: 'model',
    });
  }
  if (others.length === 0) return only;
  throw new ScarmonitError(
    'invalid_request',
    `Several models do '${task}'. Set 'model' to one of: ${names.join(', ')}.`,
    {
      code: 'missing_required_parameter',
      param: 'model',
    },
  );
}

const routesOf: Readonly<Record<Task, string>> = {
  chat: '/v1/chat/completions, /v1/completions or /v1/responses',
  embedding: '/v1/embeddings',
  classification: '/api/infer?task=classification',
};

function wrongTask(model: LiveModel, asked: Task): ScarmonitError {
  const { name, task } = model.spec;
  return new ScarmonitError(
    'unsupported',
    `The model '${name}' does ${task}, not ${asked}. Use it by ${routesOf[task]}.`,
    { code: 'unsupported_model', param: 'model' },
  );
}

function missingAbility(servedBy: ServedBy, ability: string): ScarmonitError {
  const { model, version }: Pick<VersionSpec, 'model' | 'version'> = servedBy;
  return new ScarmonitError('unsupported', `The model '${model}' version ${version} cannot ${ability}.`, {
    code: 'unsupported_model',
    param: 'model',
  });
}
