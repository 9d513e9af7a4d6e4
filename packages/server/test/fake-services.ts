import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import { toAbortSignal } from '@scarmonit/core/inference/cancel-source';
import type { ApiKey, Scope } from '@scarmonit/core/keys/api-key';
import type { ClassifyRequest, EmbedRequest, EngineStats, GenerateEvent } from '@scarmonit/core/ports/model-runtime';
import type { Prediction } from '@scarmonit/core/ports/prediction-repository';
import type { Reservation } from '@scarmonit/core/ports/rate-limiter';
import type {
  AgentServices,
  InferenceCall,
  ModelInfo,
  NewApiKey,
  ServedBy,
  ServingVersion,
} from '@scarmonit/core/services/agent-services';
import type { MetricFamily } from '@scarmonit/core/telemetry/metric-family';
import { createFakeAlerts } from './fake-alerts.ts';
import { createFakeAnomalies } from './fake-anomalies.ts';
import { createFakeOverview } from './fake-overview.ts';
import { createFakeRollouts, type FakeRolloutState } from './fake-rollouts.ts';
import { type Script, say } from './scripted-events.ts';

export const createdAt = 1_790_000_000_000;

/** Secrets of the keys that the fake knows, by what they may do. */
export const secrets: Readonly<Record<Scope, string>> = { infer: 'sk-infer', read: 'sk-read', admin: 'sk-admin' };

const model = (name: string, task: ModelInfo['task']): ModelInfo => ({
  name,
  task,
  stable: '1.0.0',
  createdAt,
  goals: { maxLatencyMs: 500 },
  versions: ['1.0.0', '1.1.0'].map((version) => ({
    version,
    runtime: task === 'chat' ? 'llama-cpp' : 'onnx',
    sha256: 'ab'.repeat(32),
    state: 'ready',
    options: { threads: 2 },
    prices: { perRequestUsd: 0, inputPerMillionTokensUsd: 0, outputPerMillionTokensUsd: 0, perSecondUsd: 0 },
  })),
});

const stats: EngineStats = {
  residentBytes: 1_000_000,
  running: 1,
  queued: 0,
  slots: 4,
  queueLimit: 64,
  batchSizes: { 1: 3, 8: 2 },
  processId: 42,
  crashes: 0,
};

const keyOf = (scope: Scope): ApiKey => ({
  id: `key-${scope}`,
  projectId: 'default',
  name: scope,
  prefix: secrets[scope].slice(0, 6),
  sha256: 'cd'.repeat(32),
  scopes: [scope],
  createdAt,
});

/** What a test may look at and change. */
export interface FakeState {
  script: Script;
  /** Thrown by every inference before its first event. */
  failure: unknown;
  limits: Omit<Reservation, 'settle'>;
  ready: boolean;
  readonly calls: { readonly call: InferenceCall; readonly request: unknown }[];
  readonly estimates: number[];
  readonly settled: number[];
  readonly applied: string[];
  readonly created: NewApiKey[];
  predictions: Prediction[];
  families: MetricFamily[];
  readonly rollouts: FakeRolloutState;
}

/** Services without engines: they answer from a script and note what they were asked. */
export function createFakeServices(): { readonly services: AgentServices; readonly state: FakeState } {
  const models = [
    model('chat-model', 'chat'),
    model('embed-model', 'embedding'),
    model('label-model', 'classification'),
  ];
  const rollouts = createFakeRollouts();
  const state: FakeState = {
    rollouts: rollouts.state,
    script: say('Hello', ' there'),
    failure: undefined,
    limits: { allowed: true, retryAfterMs: 0 },
    ready: true,
    calls: [],
    estimates: [],
    settled: [],
    applied: [],
    created: [],
    predictions: [],
    families: [],
  };

  const find = (name: string): ModelInfo => {
    const found = models.find((candidate) => candidate.name === name);
    if (found === undefined) {
      throw new ScarmonitError('unknown_model', `The model '${name}' does not exist or you do not have access to it.`);
    }
    return found;
  };

  const serve = (call: InferenceCall): ServedBy => {
    if (state.failure !== undefined) {
      throw state.failure;
    }
    const { name, stable, versions } = find(call.model ?? '');
    const version = call.pin ?? stable;
    if (version !== 'stable' && !versions.some((candidate) => candidate.version === version)) {
      throw new ScarmonitError('unknown_version', `The model '${name}' has no version '${version}'.`);
    }
    return { model: name, version: version === 'stable' ? stable : version };
  };

  const countInputs = ({ input }: EmbedRequest | ClassifyRequest): number =>
    input.kind === 'texts' ? input.texts.length : input.tokens.length;

  const createVersion = (call: InferenceCall, servedBy: ServedBy): ServingVersion => {
    const note = (request: unknown) => state.calls.push({ call, request });
    return {
      servedBy,
      canForward: false,
      async forward() {
        throw new Error('This fake has engines only.');
      },
      async generate(request) {
        note(request);
        const left = new AbortController();
        const events = state
          .script(request, AbortSignal.any([toAbortSignal(call.signal), left.signal]))
          [Symbol.asyncIterator]();
        let first: IteratorResult<GenerateEvent> | undefined = await events.next();
        const primed: AsyncIterableIterator<GenerateEvent> = {
          async next() {
            const next = first ?? (await events.next());
            first = undefined;
            return next;
          },
          async return() {
            left.abort();
            await events.return?.();
            return { done: true, value: undefined };
          },
          [Symbol.asyncIterator]: () => primed,
        };
        return primed;
      },
      async embed(request) {
        note(request);
        const vectors = Array.from({ length: countInputs(request) }, (_, index) =>
          Float32Array.of(0.6, -0.8, index / 3).subarray(0, request.dimensions ?? 3),
        );
        return { vectors, inputTokens: 5 };
      },
      async classify(request) {
        note(request);
        const labels = [
          { label: 'positive', score: 0.9 },
          { label: 'negative', score: 0.1 },
        ];
        return { results: Array.from({ length: countInputs(request) }, () => labels), inputTokens: 4 };
      },
    };
  };

  const services: AgentServices = {
    ...rollouts.services,
    ...createFakeAnomalies(),
    keys: {
      authenticate(secret, scope) {
        if (secret === undefined) {
          throw new ScarmonitError('unauthenticated', "You didn't provide an API key.");
        }
        const held = Object.values(secrets).includes(secret) ? (secret.slice(3) as Scope) : undefined;
        if (held === undefined) {
          throw new ScarmonitError('unauthenticated', 'Incorrect API key provided.', { code: 'invalid_api_key' });
        }
        if (held !== scope && held !== 'admin') {
          throw new ScarmonitError('forbidden', `This key lacks the scope '${scope}'.`);
        }
        return keyOf(held);
      },
      reserve(_key, estimatedTokens) {
        state.estimates.push(estimatedTokens);
        return { ...state.limits, settle: (usedTokens) => state.settled.push(usedTokens) };
      },
      async create(projectId, wanted) {
        state.created.push(wanted);
        return { key: { ...keyOf('infer'), ...wanted, id: 'key-new', projectId }, secret: 'sk-new-secret' };
      },
      list: async () => [keyOf('infer'), keyOf('admin')],
      async revoke(_projectId, id) {
        if (id !== 'key-infer') {
          throw new ScarmonitError('not_found', `There is no key '${id}'.`);
        }
        return { ...keyOf('infer'), revokedAt: createdAt + 1 };
      },
    },
    inference: {
      serve: (call, _task, attempt) => attempt(createVersion(call, serve(call))),
      defaultModel: (task) => models.find((candidate) => candidate.task === task)?.name ?? '',
    },
    models: {
      list: () => models,
      find: (_key, name) => find(name),
      stats: async () => ({ '1.0.0': stats }),
      async apply(text) {
        state.applied.push(text);
        if (text.includes('bad')) {
          throw new ScarmonitError('invalid_request', 'Line 1: unknown key `bad`.', { param: 'bad' });
        }
        return {
          added: ['chat-model@1.2.0'],
          removed: [],
          switched: [],
          rollouts: [],
          unchanged: ['embed-model@1.0.0'],
        };
      },
    },
    alerts: createFakeAlerts(),
    overview: createFakeOverview(),
    exposition: { collect: async () => state.families },
    predictions: {
      find: async (_projectId, { model }, { limit, before, after }) => {
        const found = state.predictions.filter(
          (row) =>
            (before === undefined || row.id < before) &&
            (after === undefined || row.id > after) &&
            (model === undefined || row.model === model),
        );
        const predictions = found.slice(0, limit);
        const last = found.length > limit ? predictions.at(-1) : undefined;
        return { predictions, ...(last === undefined ? {} : { nextBefore: last.id }) };
      },
      summarize: async () => [
        {
          model: 'chat-model',
          version: '1.0.0',
          outcome: 'ok',
          requests: 2,
          inputTokens: 9,
          outputTokens: 4,
          costUsd: 0,
        },
      ],
    },
    health: {
      readiness: async () => ({ ready: state.ready, reasons: state.ready ? [] : ['chat-model is loading'] }),
    },
  };
  return { services, state };
}
