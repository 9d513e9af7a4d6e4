import type { ApiKey, Scope } from '../keys/api-key.ts';
import type {
  ClassifyRequest,
  ClassifyResult,
  EmbedRequest,
  EmbedResult,
  EngineStats,
  GenerateEvent,
  GenerateRequest,
} from '../ports/model-runtime.ts';
import type { Prediction, PredictionSummary } from '../ports/prediction-repository.ts';
import type { Reservation } from '../ports/rate-limiter.ts';
import type { Prices, RuntimeName, Task } from '../registry/version-spec.ts';

/** Everything that the HTTP layer may call. The hosts build it; `createAgentApi` takes it and nothing else. */
export interface AgentServices {
  readonly keys: KeyService;
  readonly inference: InferenceService;
  readonly models: ModelService;
  readonly predictions: PredictionService;
  readonly health: HealthService;
}

export interface KeyService {
  /**
   * Finds the key from memory and checks that it may do `scope`. Never touches the store.
   * @param secret the bearer token, or undefined when none was sent
   * @throws ScarmonitError `unauthenticated` (code `invalid_api_key` for wrong, revoked and expired keys) or `forbidden`
   */
  authenticate(secret: string | undefined, scope: Scope): ApiKey;
  /** Takes one request and an estimate of tokens from the key's allowance. */
  reserve(key: ApiKey, estimatedTokens: number): Promise<Reservation> | Reservation;
  /** Makes a key. The secret is returned once and kept nowhere. */
  create(projectId: string, wanted: NewApiKey): Promise<{ readonly key: ApiKey; readonly secret: string }>;
  list(projectId: string): Promise<readonly ApiKey[]>;
  /** Takes effect at once. @throws ScarmonitError `not_found` */
  revoke(projectId: string, id: string): Promise<ApiKey>;
}

export interface NewApiKey {
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly models?: readonly string[];
  readonly requestsPerMinute?: number;
  readonly tokensPerMinute?: number;
  readonly expiresAt?: number;
}

/** What a request carries besides its body. */
export interface InferenceCall {
  readonly requestId: string;
  readonly key: ApiKey;
  /** Route pattern from a bounded set, for records and metrics. */
  readonly route: string;
  /** The model asked for; absent on `/api/*`, where the task chooses. */
  readonly model: string | undefined;
  /** `X-Model-Version`: a version, `stable` or `candidate`. */
  readonly pin: string | undefined;
  readonly stream: boolean;
  /** Aborted when the client leaves. */
  readonly signal: AbortSignal;
}

/** What served a request. */
export interface ServedBy {
  readonly model: string;
  readonly version: string;
}

/**
 * Resolve, choose, run, settle, record. Each call is recorded exactly once, whatever its end.
 * Throws `unknown_model`, `unknown_version`, `forbidden` (the key's allow-list), `unsupported` (wrong task),
 * `not_ready`, `overloaded`, `context_length_exceeded`, `timeout`, `cancelled`, `engine_failure`.
 */
export interface InferenceService {
  /**
   * Resolves when the first event is there, so that whatever fails before the first token is a proper HTTP error.
   * `events` then yields all events, the first included; ending the iteration early cancels the work and records
   * `cancelled`. `usedTokens` of the reservation are settled by the caller from the finish event's usage.
   */
  generate(
    call: InferenceCall,
    request: GenerateRequest,
  ): Promise<{ readonly servedBy: ServedBy; readonly events: AsyncIterable<GenerateEvent> }>;
  embed(
    call: InferenceCall,
    request: EmbedRequest,
  ): Promise<{ readonly servedBy: ServedBy; readonly result: EmbedResult }>;
  classify(
    call: InferenceCall,
    request: ClassifyRequest,
  ): Promise<{ readonly servedBy: ServedBy; readonly result: ClassifyResult }>;
  /** The one model of a task that answers when a request names none. @throws `unknown_model`; `invalid_request` when several could. */
  defaultModel(task: Task, key: ApiKey): string;
}

/** `pending` → `loading` → `ready` → `draining` → `unloaded`; `restarting` after a crash; `failed` when it cannot load. */
export type VersionState = 'pending' | 'loading' | 'ready' | 'restarting' | 'draining' | 'unloaded' | 'failed';

export interface VersionInfo {
  readonly version: string;
  readonly runtime: RuntimeName;
  /** Of the artifact, for versions that have one. */
  readonly sha256?: string;
  readonly state: VersionState;
  /** Why, when `failed` or `restarting`. */
  readonly reason?: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly prices: Prices;
}

export interface ModelInfo {
  readonly name: string;
  readonly task: Task;
  readonly stable: string;
  readonly createdAt: number;
  readonly goals: Readonly<Record<string, number>>;
  readonly versions: readonly VersionInfo[];
}

export interface ModelService {
  /** Models that the key may use, by name. */
  list(key: ApiKey): readonly ModelInfo[];
  /** @throws `unknown_model` also when the key may not use it */
  find(key: ApiKey, name: string): ModelInfo;
  /** Live figures of the loaded versions of a model. */
  stats(name: string): Promise<Readonly<Record<string, EngineStats>>>;
  /** Diffs the manifest text against what runs and applies it; a bad one changes nothing. @throws `invalid_request` */
  apply(manifestText: string): Promise<ManifestChanges>;
}

/** What applying a manifest did, in words of `model@version`. */
export interface ManifestChanges {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** Models whose `stable` moved: `name: 1.0.0 → 1.1.0`. */
  readonly switched: readonly string[];
  readonly unchanged: readonly string[];
}

export interface PredictionService {
  list(projectId: string, page: { readonly limit: number; readonly before?: string }): Promise<readonly Prediction[]>;
  summarize(projectId: string, since: number): Promise<readonly PredictionSummary[]>;
}

export interface HealthService {
  /** False while starting or draining, or when a default model or the store is not usable. Reasons are public words. */
  readiness(): Promise<{ readonly ready: boolean; readonly reasons: readonly string[] }>;
}
