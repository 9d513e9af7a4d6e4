import type {
  LocalRuntimeName,
  LocalVersionSpec,
  RemoteVersionSpec,
  UpstreamVersionSpec,
  WorkersAiVersionSpec,
} from '../registry/version-spec.ts';
import type { TraceHeaders } from '../telemetry/trace-context.ts';
import type { CancelSignal } from './cancel-signal.ts';

/**
 * A runtime is an engine that runs versions: `llama-cpp`, `onnx`, … It loads a version once and then answers
 * requests for it until it is unloaded.
 *
 * What a loaded version can do is told by which of its methods exist; the server answers a task that is absent
 * with a clear error and never guesses.
 */
export interface ModelRuntime {
  /**
   * Loads and warms up a version. Resolves when it can answer.
   * @param artifactPath a local file; resolves when its digest has been checked. A runtime may make ready meanwhile (start
   *   a process, import libraries) and reads not one byte of the file before
   * @param signal ends the loading at once; the promise then rejects
   * @throws ScarmonitError `engine_failure` with the reason in plain words
   */
  load(spec: LocalVersionSpec, artifactPath: string | Promise<string>, signal?: AbortSignal): Promise<LoadedVersion>;
}

/** A runtime whose versions run elsewhere; loading one opens connections to it. */
export interface UpstreamRuntime<Spec extends RemoteVersionSpec = UpstreamVersionSpec> {
  /** @throws ScarmonitError `invalid_request` when a setting cannot be used, such as a key that is not there */
  load(spec: Spec): Promise<LoadedVersion>;
}

/** The runtimes of a host, by name. Not every host has every one: engines with processes of their own need Node. */
export type Runtimes = Readonly<
  Partial<
    Record<LocalRuntimeName, ModelRuntime> & {
      'openai-compatible': UpstreamRuntime;
      'workers-ai': UpstreamRuntime<WorkersAiVersionSpec>;
    }
  >
>;

/** A version that is in memory and answers. All methods may be called concurrently; queues inside are bounded. */
export interface LoadedVersion {
  /** Chat and text completion. Yields at least one event; the last is `finish`. Ending the iteration cancels. */
  generate?(request: GenerateRequest, context: RequestContext): AsyncIterable<GenerateEvent>;
  /** Turns texts into vectors, in the order given. */
  embed?(request: EmbedRequest, context: RequestContext): Promise<EmbedResult>;
  /** Scores texts against the version's labels, in the order given. */
  classify?(request: ClassifyRequest, context: RequestContext): Promise<ClassifyResult>;
  /**
   * Hands a request on in OpenAI's own wire format, for versions whose upstream speaks it: what this build does not know
   * passes in both directions, and a chunk costs no parsing. The server prefers it where it exists.
   * Resolves when the upstream has begun to answer; rejects with whatever failed before.
   */
  forward?(request: WireRequest, context: ForwardContext): Promise<WireAnswer>;
  /** Live figures; cheap enough to call once a second. */
  stats(): Promise<EngineStats>;
  /**
   * Tells of crashes and recoveries, for runtimes whose engine can go away and come back by itself. Not called for the
   * first `ready` (that is `load` resolving) nor for unloading. While `restarting`, requests throw `not_ready`;
   * `reason` then says why in public words, such as "the engine process was killed (SIGKILL)".
   * @returns a function that ends the subscription
   */
  onStateChange?(listener: (state: 'ready' | 'restarting', reason: string | undefined) => void): () => void;
  /**
   * For upstreams, whose keys, weights, balance and deadline may change under a version that is loaded. Requests in flight
   * end as they began.
   * @param spec the same version in what makes it that version
   * @returns what takes the changes over; it cannot fail
   * @throws ScarmonitError `invalid_request` when a setting cannot be used, such as a key that is not there
   */
  prepareUpdate?(spec: RemoteVersionSpec): () => void;
  /** Stops taking work, waits for what is in flight, frees everything. Idempotent. */
  unload(): Promise<void>;
}

export interface ForwardContext {
  /** Aborted when the client has left or the deadline has passed. Implementations stop and free the slot. */
  readonly signal: CancelSignal;
  /** Of the client's request; goes on to upstreams, so that their logs can be joined with ours. */
  readonly requestId?: string;
  /** Goes on to upstreams too, where requests are traced. */
  readonly trace?: TraceHeaders | undefined;
}

export interface RequestContext extends ForwardContext {
  readonly signal: AbortSignal;
}

// ---- generate

export type ChatRole = 'system' | 'developer' | 'user' | 'assistant' | 'tool';

export interface ChatMessage {
  readonly role: ChatRole;
  readonly content: string;
  readonly name?: string;
  /** On `assistant`: the calls it made. */
  readonly toolCalls?: readonly ToolCall[];
  /** On `tool`: which call this answers. */
  readonly toolCallId?: string;
}

export interface ToolCall {
  readonly id: string;
  readonly name: string;
  /** JSON text, as on the wire. */
  readonly arguments: string;
}

export interface ToolDefinition {
  readonly name: string;
  readonly description?: string;
  /** JSON Schema of the arguments. */
  readonly parameters?: Readonly<Record<string, unknown>>;
}

/** `none`, `auto` (the model decides), `required` (some tool), or one named tool. */
export type ToolChoice = 'none' | 'auto' | 'required' | { readonly name: string };

export type OutputFormat =
  | { readonly type: 'text' }
  | { readonly type: 'json_object' }
  | { readonly type: 'json_schema'; readonly schema: Readonly<Record<string, unknown>> };

export interface GenerateRequest {
  /** A conversation that the version's chat template lays out, or raw text or token ids to continue. */
  readonly input:
    | { readonly kind: 'messages'; readonly messages: readonly ChatMessage[] }
    | { readonly kind: 'text'; readonly text: string }
    | { readonly kind: 'tokens'; readonly tokens: readonly number[] };
  /** Most tokens to generate. The server has already applied the default (1024). */
  readonly maxTokens: number;
  /** Text that ends the answer and is not part of it. */
  readonly stop: readonly string[];
  /** 0 is greedy. */
  readonly temperature?: number;
  readonly topP?: number;
  readonly topK?: number;
  readonly seed?: number;
  readonly frequencyPenalty?: number;
  readonly presencePenalty?: number;
  /** Token id → bias, −100 … 100. */
  readonly logitBias?: Readonly<Record<string, number>>;
  readonly format: OutputFormat;
  readonly tools: readonly ToolDefinition[];
  readonly toolChoice: ToolChoice;
  /** False: the answer ends with its first call of a tool. */
  readonly parallelToolCalls?: boolean;
  /** How many alternatives to report a token; absent: no log-probabilities at all. */
  readonly topLogprobs?: number;
}

export type FinishReason = 'stop' | 'length' | 'tool_calls' | 'content_filter';

export interface TokenLogprob {
  readonly token: string;
  readonly logprob: number;
  readonly bytes: readonly number[];
  readonly top: readonly { readonly token: string; readonly logprob: number; readonly bytes: readonly number[] }[];
}

export type GenerateEvent =
  /** The work left the queue and runs. */
  | { readonly type: 'start' }
  /** New text; never splits a UTF-8 character; may be several tokens. */
  | { readonly type: 'text'; readonly text: string; readonly logprobs?: readonly TokenLogprob[] }
  /** A piece of a tool call. `id` and `name` come with the first piece of each `index`. */
  | {
      readonly type: 'tool-call';
      readonly index: number;
      readonly id?: string;
      readonly name?: string;
      readonly argumentsDelta: string;
    }
  | { readonly type: 'finish'; readonly reason: FinishReason; readonly usage: Usage };

/** Exact counts of tokens, as the engine saw them. */
export interface Usage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Of the input tokens, how many came from a reused prefix. */
  readonly cachedInputTokens?: number;
}

// ---- embed and classify

export type TextInput =
  | { readonly kind: 'texts'; readonly texts: readonly string[] }
  | { readonly kind: 'tokens'; readonly tokens: readonly (readonly number[])[] };

export interface EmbedRequest {
  readonly input: TextInput;
  /** Length of the vectors wanted. A version that cannot shorten its vectors throws `unsupported`. */
  readonly dimensions?: number;
}

export interface EmbedResult {
  /** One unit-length vector an input. */
  readonly vectors: readonly Float32Array[];
  readonly inputTokens: number;
}

export interface ClassifyRequest {
  readonly input: TextInput;
}

export interface ClassifyResult {
  /** For each input every label with its probability, the likeliest first. */
  readonly results: readonly (readonly { readonly label: string; readonly score: number }[])[];
  readonly inputTokens: number;
}

// ---- forward

export type WireEndpoint = 'chat/completions' | 'completions' | 'embeddings';

/** A checked request body. Unknown fields are still in it. */
export interface WireRequest {
  readonly endpoint: WireEndpoint;
  /** As the client sent it; the runtime sets `model` and asks for usage itself. */
  readonly body: Readonly<Record<string, unknown>>;
  /** The JSON text that {@link body} was read from, where it says the same: changing text costs less than writing it anew. */
  readonly text?: string;
  /** The public name of the model, put into the answer in place of the upstream's. */
  readonly publicModel: string;
}

export type WireAnswer =
  | {
      readonly kind: 'json';
      /** JSON text of the whole answer, `model` already replaced. */
      readonly text: string;
      readonly usage: Usage | undefined;
    }
  | {
      readonly kind: 'stream';
      /**
       * Ends after the upstream's `[DONE]`, or properly after a finish reason; any other end is thrown: `engine_failure`,
       * `bad_gateway`, `timeout`, `cancelled`. Ending the iteration cancels.
       */
      readonly chunks: AsyncIterable<WireChunk>;
    };

/**
 * An iterator that may know without waiting what comes next. An upstream's network packet often holds several events;
 * taking those at once costs a fraction of a promise each.
 */
export interface ReadyIterator<T> extends AsyncIterator<T> {
  /** The next item, or the end, where it is here already; undefined says nothing, then `next` tells. Never throws. */
  takeReady?(): IteratorResult<T> | undefined;
}

/** One event of an upstream's stream. */
export interface WireChunk {
  /** JSON text, `model` already replaced; undefined when the client must not see it (usage that it did not ask for). */
  readonly text: string | undefined;
  /** On the chunk that reports it. */
  readonly usage?: Usage;
}

// ---- figures

export interface EngineStats {
  /** Of the engine's process; 0 when it has none of its own. */
  readonly residentBytes: number;
  readonly running: number;
  readonly queued: number;
  /** How many requests run at once at the most. */
  readonly slots: number;
  readonly queueLimit: number;
  /** Batch size → how many batches had it. Empty for engines that do not batch requests. */
  readonly batchSizes: Readonly<Record<number, number>>;
  /** Process id of the engine, where it has one. */
  readonly processId?: number;
  /** How often the engine has crashed since the version was loaded. */
  readonly crashes: number;
}
