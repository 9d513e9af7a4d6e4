import type { Arm, EventKind } from '../gates/facts.ts';
import type { GateReading } from '../gates/gate.ts';
import type { ApiKey, Scope } from '../keys/api-key.ts';
import type { ModelCard } from '../manifest/parse-version.ts';
import type { AnomalyRepository } from '../ports/anomaly-repository.ts';
import type { CancelSignal } from '../ports/cancel-signal.ts';
import type { DriftRepository } from '../ports/drift-repository.ts';
import type { Feedback } from '../ports/feedback-repository.ts';
import type {
  ClassifyRequest,
  ClassifyResult,
  EmbedRequest,
  EmbedResult,
  EngineStats,
  GenerateEvent,
  GenerateRequest,
  WireAnswer,
  WireRequest,
} from '../ports/model-runtime.ts';
import type { PredictionRepository } from '../ports/prediction-repository.ts';
import type { Reservation } from '../ports/rate-limiter.ts';
import type { ReceiptRepository, RolloutWithState } from '../ports/rollout-repository.ts';
import type { VersionStatus } from '../ports/version-status-repository.ts';
import type { Receipt, ReceiptHead } from '../receipts/receipt.ts';
import type { ChainProblem, ChainReport } from '../receipts/verify-chain.ts';
import type { Prices, RuntimeName, Task } from '../registry/version-spec.ts';
import type { RolloutForecast } from '../rollouts/planner/plan-rollout.ts';
import type { RolloutState } from '../rollouts/rollout.ts';
import type { RolloutSettings } from '../rollouts/rollout-settings.ts';
import type { Traffic } from '../routing/traffic.ts';
import type { ExpositionService } from '../telemetry/expose-metrics.ts';
import type { RequestTrace } from '../telemetry/tracer.ts';
import type { AlertService } from './manage-alerts.ts';
import type { Decision, RolloutCommand } from './manage-rollouts.ts';
import type { OverviewService } from './report-overview.ts';
import type { SelfTestService } from './self-test-report.ts';
import type { DataSetFeature, WantedDriftReference } from './set-drift-reference.ts';

/** Everything that the HTTP layer may call. The hosts build it; `createAgentApi` takes it and nothing else. */
export interface AgentServices {
  readonly keys: KeyService;
  readonly inference: InferenceService;
  readonly models: ModelService;
  readonly predictions: PredictionService;
  readonly overview: OverviewService;
  readonly exposition: ExpositionService;
  readonly alerts: AlertService;
  readonly rollouts: RolloutFaceService;
  readonly versions: VersionRegistryService;
  readonly receipts: ReceiptService;
  readonly feedback: FeedbackService;
  readonly anomalies: AnomalyService;
  readonly drift: DriftService;
  readonly selfTest: SelfTestService;
  readonly health: HealthService;
}

/** What models and keys were seen to do that they do not usually do. */
export type AnomalyService = Pick<AnomalyRepository, 'list' | 'countOpen'>;

/** How the requests and answers of versions compare with those of their first weeks. */
export interface DriftService extends Pick<DriftRepository, 'list' | 'forget'> {
  /** As {@link setDriftReference}. */
  setReference(projectId: string, wanted: WantedDriftReference): Promise<readonly DataSetFeature[]>;
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
  /** The request's `user` field, for sticky assignment. */
  readonly user?: string | undefined;
  /** Looks a request header up by its lower-case name, for sticky assignment. */
  header?(name: string): string | undefined;
  /** Aborted when the client leaves. */
  readonly signal: CancelSignal;
  /** Where requests are traced. */
  readonly trace?: RequestTrace | undefined;
}

/** What served a request. */
export interface ServedBy {
  /** The name that the client asked for. It stays in the answer also when another model stood in. */
  readonly model: string;
  /** The version that answered, of the model or of the one that stood in. */
  readonly version: string;
  /** `model@version` of what stood in for the version that the request was routed to. */
  readonly fallback?: string;
  /** Of a version that answers only because it was pinned. */
  readonly deprecation?: Deprecation;
}

/** That a version goes out of use. Times are milliseconds since the Unix epoch. */
export interface Deprecation {
  readonly since: number;
  /** When it will stop to answer, where that is known. */
  readonly sunsetAt?: number;
}

/** Resolve, choose, run, fall back, record: what stands behind every inference route. */
export interface InferenceService {
  /**
   * Chooses the version once and lets `attempt` answer with it. Where the attempt fails in a way that another place may
   * not (`engine_failure`, `bad_gateway`, `overloaded`, `not_ready`, `rate_limited`, `timeout`), it is made again with
   * each of the version's fallbacks in order, as long as time is left; the last failure is thrown. A pinned request stays
   * with its version, and what the client must change is thrown at once. Once the attempt has resolved nothing is tried
   * again, so it resolves when the client is about to see the first byte.
   *
   * Whatever is run on a version is recorded exactly once, under that version and with its own end.
   * @throws ScarmonitError `unknown_model` (also when the key may not use it), `unknown_version`, `unsupported` (wrong
   *   task), and what the attempt throws
   */
  serve<T>(call: InferenceCall, task: Task, attempt: (version: ServingVersion) => Promise<T>): Promise<T>;
  /** The one model of a task that answers when a request names none. @throws `unknown_model`; `invalid_request` when several could. */
  defaultModel(task: Task, key: ApiKey): string;
}

/**
 * A version that was chosen for a request and is ready. Its methods keep the request's deadline, stop when the client
 * leaves, and write the record. They throw `unsupported` (the version cannot do it), `overloaded`,
 * `context_length_exceeded`, `timeout`, `cancelled`, `engine_failure`, and for an upstream also `bad_gateway` and
 * `rate_limited`.
 */
export interface ServingVersion {
  readonly servedBy: ServedBy;
  /** Whether it takes requests in wire format; {@link forward} is then better than the other methods. */
  readonly canForward: boolean;
  /**
   * Resolves with the whole answer, or when the first chunk of a stream is there. Ending the iteration of the chunks
   * early cancels the work and records `cancelled`. The caller settles the reservation from the usage.
   */
  forward(request: Omit<WireRequest, 'publicModel'>): Promise<WireAnswer>;
  /**
   * Resolves when the first event is there; the events then are all of them, the first included. Ending the iteration
   * early cancels the work and records `cancelled`. The caller settles the reservation from the finish event's usage.
   * @param signal ends this one generation, in place of the call's signal, for calls that run several
   */
  generate(request: GenerateRequest, signal?: CancelSignal): Promise<AsyncIterable<GenerateEvent>>;
  embed(request: EmbedRequest): Promise<EmbedResult>;
  classify(request: ClassifyRequest): Promise<ClassifyResult>;
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
  /** Rollouts that were started: `name: 1.0.0 → 1.1.0 (id)`. */
  readonly rollouts: readonly string[];
  readonly unchanged: readonly string[];
}

export type PredictionService = Pick<PredictionRepository, 'find' | 'summarize'>;

/** Rollouts, for the people who steer and watch them. */
export interface RolloutFaceService {
  /**
   * Asks for a rollout by the model's own settings, or by others in their place. A registered version that is not here
   * yet is loaded for it.
   * @throws ScarmonitError `invalid_request` (settings), and what `RolloutService.start` throws
   */
  start(wanted: WantedRollout): Promise<RolloutDetail>;
  /** @throws ScarmonitError as `RolloutService.command` */
  command(id: string, command: RolloutCommand, decision: Decision): Promise<RolloutDetail>;
  /** Newest first. */
  list(page: {
    readonly model?: string;
    readonly limit: number;
    readonly before?: string;
  }): Promise<readonly RolloutWithState[]>;
  /** @throws ScarmonitError `not_found` */
  show(id: string): Promise<RolloutDetail>;
  /** What is to be expected of a rollout before it starts. @throws ScarmonitError `unknown_model`, `invalid_request` */
  plan(wanted: WantedForecast): Promise<PlannedRollout>;
  /** Who served a model, newest first; `at` begins with what served at that time. @throws ScarmonitError `unknown_model` */
  history(
    model: string,
    page: { readonly limit: number; readonly at?: number; readonly before?: number },
  ): Promise<readonly Traffic[]>;
}

export interface WantedRollout extends Omit<Decision, 'revision'> {
  readonly model: string;
  readonly to: string;
  /** As in the manifest's section `rollout`, in place of the model's own. */
  readonly settings: Readonly<Record<string, unknown>>;
}

export interface WantedForecast {
  readonly model: string;
  readonly settings: Readonly<Record<string, unknown>>;
  /** Absent: what was seen lately. */
  readonly requestsPerMinute?: number;
}

export interface PlannedRollout {
  readonly settings: RolloutSettings;
  readonly requestsPerMinute: number;
  readonly trafficFrom: 'given' | 'last-5-minutes' | 'last-hour';
  readonly forecast: RolloutForecast;
}

/** A rollout with all that is known of it now. */
export interface RolloutDetail extends RolloutWithState {
  readonly traffic: Traffic;
  /** In the order of the plan's gates. */
  readonly readings: readonly GateReading[];
  readonly counts: Readonly<Record<Arm, ArmCounts>>;
  /** Of the candidate's engine. */
  readonly crashes: number;
  readonly shadowPairs: { readonly pairs: number; readonly agreeing: number; readonly failed: number };
  /** Oldest first. */
  readonly states: readonly RolloutState[];
}

/** What one side of a rollout was seen to do. */
export interface ArmCounts {
  readonly requests: number;
  readonly events: Readonly<Partial<Record<EventKind, { readonly exposed: number; readonly happened: number }>>>;
}

/** Versions as they are registered, whether or not they are loaded. */
export interface VersionRegistryService {
  /** In the order of their registration. @throws ScarmonitError `unknown_model` */
  list(model: string): Promise<readonly VersionRecord[]>;
  /** @throws ScarmonitError `unknown_model`, `unknown_version` */
  show(model: string, version: string): Promise<VersionRecord>;
  /**
   * Registers a version that the manifest does not declare. It is loaded when a rollout to it starts.
   * @param text YAML or JSON: what the manifest has under a version's number, and `card`
   * @throws ScarmonitError `unknown_model`, `invalid_request`, `conflict` when it is registered with other content
   */
  register(model: string, version: string, text: string): Promise<VersionRecord>;
  /**
   * Takes a version out of use, or back into it.
   * @throws ScarmonitError `unknown_model`, `unknown_version`, `conflict` (it has traffic, or somebody else decided first)
   */
  deprecate(model: string, version: string, decision: DeprecationDecision): Promise<VersionRecord>;
}

export interface DeprecationDecision extends Decision {
  readonly deprecated: boolean;
  readonly sunsetAt?: number;
}

export interface VersionRecord {
  readonly model: string;
  readonly version: string;
  readonly status: VersionStatus;
  readonly digest: string;
  readonly createdAt: number;
  /** Whether it is stable or the candidate now. */
  readonly alias?: 'stable' | 'candidate';
  /** Where it is known here. */
  readonly state?: VersionState;
  readonly deprecation?: Deprecation & { readonly decidedBy: string; readonly reason: string };
  /** How often its status was decided; what `revision` of the next decision is compared with. */
  readonly revision: number;
  /** What it runs. */
  readonly declaration?: Readonly<Record<string, unknown>>;
  readonly card?: ModelCard;
}

export interface ReceiptService {
  /** Newest first. */
  find(filter: Parameters<ReceiptRepository['find']>[1]): Promise<readonly Receipt[]>;
  /** In the order of the chain. */
  heads(): Promise<readonly ReceiptHead[]>;
  /**
   * Checks the whole chain.
   * @param evidence heads that were kept outside of the store; with `recompute` each gate's verdict is calculated again
   */
  verify(evidence: { readonly heads: readonly ReceiptHead[]; readonly recompute: boolean }): Promise<ReceiptReport>;
}

export interface ReceiptProblem {
  readonly sequence: number;
  readonly kind: ChainProblem['kind'] | 'wrong-verdict';
  /** One sentence for people. */
  readonly message: string;
}

export interface ReceiptReport extends Omit<ChainReport, 'problems'> {
  /** Verdicts that were calculated again. */
  readonly recomputed: number;
  /** Of the key that this server signs with. */
  readonly keyId: string;
  readonly problems: readonly ReceiptProblem[];
}

export interface FeedbackService {
  /** Keeps feedback, also on a request whose record is not written yet. @returns its id */
  take(key: ApiKey, feedback: GivenFeedback): Promise<string>;
}

/** At least one of the last three is there. */
export type GivenFeedback = Pick<Feedback, 'requestId' | 'label' | 'rating' | 'completed'>;

export interface HealthService {
  /** False while starting or draining, or when a default model or the store is not usable. Reasons are public words. */
  readiness(): Promise<{ readonly ready: boolean; readonly reasons: readonly string[] }>;
}
