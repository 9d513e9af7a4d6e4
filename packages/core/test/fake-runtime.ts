import { ScarmonitError } from '../src/errors/scarmonit-error.ts';
import type {
  ForwardContext,
  GenerateEvent,
  GenerateRequest,
  LoadedVersion,
  RequestContext,
  WireAnswer,
  WireChunk,
  WireRequest,
} from '../src/ports/model-runtime.ts';
import type { VersionSpec } from '../src/registry/version-spec.ts';

/** A runtime that a test steers; it stands in for local ones and for upstreams. */
export interface FakeRuntime {
  load: (spec: VersionSpec, artifactPath?: string | Promise<string>, signal?: AbortSignal) => Promise<LoadedVersion>;
  /** `model@version`, in the order of loading and unloading. */
  readonly log: string[];
  /** Makes the next loads fail with this reason, until set to undefined. */
  failLoadsWith: string | undefined;
  /** What `generate` does; by default it answers `hello` in two pieces. */
  generate: (request: GenerateRequest, context: RequestContext, spec: VersionSpec) => AsyncIterable<GenerateEvent>;
  /** What `forward` does, which versions that run elsewhere have; by default it answers `hello`, whole or in two pieces. */
  forward: (request: WireRequest, context: ForwardContext, spec: VersionSpec) => Promise<WireAnswer>;
  /** Reports a crash or a recovery of every loaded version. */
  changeState(state: 'ready' | 'restarting', reason?: string): void;
}

/** A runtime without an engine, for the tests of what stands on the port. */
export function createFakeRuntime(): FakeRuntime {
  const listeners = new Set<(state: 'ready' | 'restarting', reason: string | undefined) => void>();
  const runtime: FakeRuntime = {
    log: [],
    failLoadsWith: undefined,
    generate: () => sayHello(),
    forward: async (request) => forwardHello(request),
    changeState: (state, reason) => {
      for (const listener of listeners) listener(state, reason);
    },
    load: async (spec: VersionSpec) => {
      if (runtime.failLoadsWith !== undefined) throw new ScarmonitError('engine_failure', runtime.failLoadsWith);
      runtime.log.push(`load ${spec.model}@${spec.version}`);
      return createLoaded(spec, runtime, listeners);
    },
  };
  return runtime;
}

async function* sayHello(): AsyncIterable<GenerateEvent> {
  yield { type: 'start' };
  yield { type: 'text', text: 'hel' };
  yield { type: 'text', text: 'lo' };
  yield { type: 'finish', reason: 'stop', usage: { inputTokens: 3, outputTokens: 2 } };
}

function forwardHello({ body, publicModel }: WireRequest): WireAnswer {
  const usage = { inputTokens: 3, outputTokens: 2 };
  return body['stream'] === true
    ? { kind: 'stream', chunks: chunkHello(publicModel) }
    : { kind: 'json', text: JSON.stringify({ model: publicModel, choices: [choice('message', 'hello')] }), usage };
}

async function* chunkHello(model: string): AsyncIterable<WireChunk> {
  for (const piece of ['hel', 'lo']) yield { text: JSON.stringify({ model, choices: [choice('delta', piece)] }) };
  yield { text: undefined, usage: { inputTokens: 3, outputTokens: 2 } };
}

const choice = (field: 'message' | 'delta', content: string) => ({ index: 0, [field]: { content } });

function createLoaded(
  spec: VersionSpec,
  runtime: FakeRuntime,
  listeners: Set<(state: 'ready' | 'restarting', reason: string | undefined) => void>,
): LoadedVersion {
  return {
    generate: (request, context) => runtime.generate(request, context, spec),
    ...(spec.runtime === 'openai-compatible'
      ? { forward: (request, context) => runtime.forward(request, context, spec) }
      : {}),
    embed: async ({ input }) => {
      const count = input.kind === 'texts' ? input.texts.length : input.tokens.length;
      return { vectors: Array.from({ length: count }, () => new Float32Array([1, 0])), inputTokens: count };
    },
    stats: async () => ({
      residentBytes: 1,
      running: 0,
      queued: 0,
      slots: 1,
      queueLimit: 1,
      batchSizes: {},
      crashes: 0,
    }),
    onStateChange: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    unload: async () => {
      runtime.log.push(`unload ${spec.model}@${spec.version}`);
    },
  };
}
