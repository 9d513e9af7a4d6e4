import type { Deployments, LiveModel } from '../deployments/deployments.ts';
import type { VersionSupervisor } from '../deployments/supervise-version.ts';
import { ScarmonitError } from '../errors/scarmonit-error.ts';
import { Attempts } from '../inference/attempts.ts';
import { findFallbacks, mayFallBack } from '../inference/find-fallbacks.ts';
import type { AttemptPorts } from '../inference/tracked-request.ts';
import type { ApiKey } from '../keys/api-key.ts';
import { createEndUserDigest } from '../metrics/end-user.ts';
import type { Task } from '../registry/version-spec.ts';
import type { AssignRequest, RequestAssignment } from '../routing/assign-request.ts';
import type { InferenceCall, InferenceService, ServedBy, ServingVersion } from './agent-services.ts';

export interface InferencePorts extends Omit<AttemptPorts, 'nameEndUser'> {
  readonly deployments: Deployments;
  readonly assign: AssignRequest;
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

/** The use case behind every inference route. */
export function createInferenceService(ports: InferencePorts): InferenceService {
  const { deployments } = ports;
  const attemptPorts: AttemptPorts = { ...ports, nameEndUser: createEndUserDigest(ports.hash) };
  return {
    serve: async (call, task, attempt) => {
      const name = call.model ?? defaultModel(deployments, task, call.key);
      const model = findModel(deployments, call.key, name);
      if (model.spec.task !== task) throw wrongTask(model, task);
      const { routed, assignment } = route(model, call, ports);
      const attempts = new Attempts(call, routed.spec, attemptPorts);
      try {
        return await attempt(attempts.open(routed, describeServed(name, routed, call, ports), assignment));
      } catch (error) {
        if (call.pin !== undefined || !mayFallBack(error)) throw error;
        const fallbacks = findFallbacks(deployments, model, routed, (other) => mayUse(call.key, other));
        return answerElsewhere(attempts, name, fallbacks, attempt, error);
      }
    },

    defaultModel: (task, key) => defaultModel(deployments, task, key),
  };
}

/** Only what a rollout assigned counts for its gates: not what was pinned, and not what stands in. */
function route(
  model: LiveModel,
  call: InferenceCall,
  { deployments, assign }: InferencePorts,
): { readonly routed: VersionSupervisor; readonly assignment?: RequestAssignment } {
  if (call.pin !== undefined) return { routed: deployments.routePinned(model, call.pin) };
  const { version, assignment } = assign(model.traffic, call);
  return { routed: deployments.route(model, version), ...(assignment === undefined ? {} : { assignment }) };
}

/** Only a pin reaches a deprecated version, so that nobody else pays for the look-up. */
function describeServed(
  model: string,
  { spec: { version } }: VersionSupervisor,
  { pin }: InferenceCall,
  { deployments }: InferencePorts,
): ServedBy {
  const deprecation = pin === undefined ? undefined : deployments.findDeprecation(model, version);
  return { model, version, ...(deprecation === undefined ? {} : { deprecation }) };
}

/** Makes the attempt on each fallback until one answers. @throws the last failure, `failure` when none was tried */
async function answerElsewhere<T>(
  attempts: Attempts,
  model: string,
  fallbacks: readonly VersionSupervisor[],
  attempt: (version: ServingVersion) => Promise<T>,
  failure: unknown,
): Promise<T> {
  let last = failure;
  for (const supervisor of fallbacks) {
    if (attempts.leftMs <= 0) break;
    const { spec } = supervisor;
    const servedBy: ServedBy = { model, version: spec.version, fallback: `${spec.model}@${spec.version}` };
    try {
      return await attempt(attempts.open(supervisor, servedBy));
    } catch (error) {
      // What a stand-in cannot do, the version asked for can: the client has nothing to change.
      if (error instanceof ScarmonitError && error.kind === 'unsupported') continue;
      if (!mayFallBack(error)) throw error;
      last = error;
    }
  }
  throw last;
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
