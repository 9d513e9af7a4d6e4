/** What a model is asked to do. */
export type Task = 'chat' | 'embedding' | 'classification';

/** Runtimes that run an artifact on this machine. */
export type LocalRuntimeName = 'llama-cpp' | 'onnx';

/** Runtimes that this build knows. Adding one: docs/guides/add-a-runtime.md. */
export type RuntimeName = LocalRuntimeName | 'openai-compatible' | 'workers-ai';

/** US dollars, by what is counted. */
export interface Prices {
  readonly perRequestUsd: number;
  readonly inputPerMillionTokensUsd: number;
  readonly outputPerMillionTokensUsd: number;
  readonly perSecondUsd: number;
}

/** One part of an artifact. Several sources are mirrors of the same bytes. */
export interface ArtifactPart {
  /** `npm:PACKAGE@VERSION/PATH`, `file:PATH`, `https://…`, `hf:OWNER/REPO/FILE[@REVISION]`; tried in order. */
  readonly sources: readonly string[];
  /** Lower-case hex, of this part. */
  readonly sha256: string;
  /** The file's name for recipes that tell parts apart; defaults to the last path segment of the first source. */
  readonly name: string;
  /** Where known, for progress and for the disk check. */
  readonly bytes?: number;
}

export interface ArtifactSpec {
  /** Lower-case hex, of the finished artifact. It is also its name in the artifact store. */
  readonly sha256: string;
  readonly from: readonly ArtifactPart[];
  /** The named, deterministic step that turns the parts into the artifact. */
  readonly recipe: string;
}

/** A version as declared: immutable once registered. */
export type VersionSpec = LocalVersionSpec | RemoteVersionSpec;

/** A version that runs elsewhere and has no artifact. */
export type RemoteVersionSpec = UpstreamVersionSpec | WorkersAiVersionSpec;

interface VersionCommon {
  readonly model: string;
  readonly version: string;
  readonly task: Task;
  /** Runtime-specific; each runtime checks its own and refuses what it does not know. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly prices: Prices;
  /** Whole request, queueing included. */
  readonly timeoutMs: number;
  /** Where a request goes that fails here before its first byte, in order: versions of this model, or other models. */
  readonly fallbacks: readonly string[];
}

/** A version that an engine on this machine runs. */
export interface LocalVersionSpec extends VersionCommon {
  readonly runtime: LocalRuntimeName;
  readonly artifact: ArtifactSpec;
}

/** A version that runs elsewhere, behind an API in OpenAI's wire format. */
export interface UpstreamVersionSpec extends VersionCommon {
  readonly runtime: 'openai-compatible';
  /** One or more places that serve the same thing. */
  readonly targets: readonly UpstreamTarget[];
  readonly balance: 'weighted' | 'least-busy';
}

export interface UpstreamTarget {
  /** Up to and including `/v1`, without a slash at the end. */
  readonly baseUrl: string;
  /** The upstream's name for the model. */
  readonly model: string;
  /** The key itself or `${NAME}`, which is looked up when the version is loaded; absent: none is sent. */
  readonly apiKey?: string;
  /** Share of the requests under `weighted`; a whole number from 1. */
  readonly weight: number;
}

/** A version that Cloudflare runs. The same version is asked by REST on Node and by the `AI` binding on Workers. */
export interface WorkersAiVersionSpec extends VersionCommon {
  readonly runtime: 'workers-ai';
  readonly target: WorkersAiTarget;
}

export interface WorkersAiTarget {
  /** Of Cloudflare's catalogue, such as `@cf/meta/llama-3-8b-instruct`. */
  readonly model: string;
  /**
   * The account's id or `${NAME}`, which is looked up when the version is loaded; absent: `${CLOUDFLARE_ACCOUNT_ID}`.
   * The binding belongs to an account already and reads neither this nor the token.
   */
  readonly accountId?: string;
  /** `${NAME}`, as {@link accountId}; absent: `${CLOUDFLARE_API_TOKEN}`. */
  readonly apiToken?: string;
  /** Where the API is when it is not at Cloudflare, up to and including `/client/v4`, without a slash at the end. */
  readonly baseUrl?: string;
}

/** Whether a version runs on this machine, from an artifact. */
export function hasArtifact(spec: VersionSpec): spec is LocalVersionSpec {
  return 'artifact' in spec;
}
