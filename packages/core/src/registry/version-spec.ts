/** What a model is asked to do. */
export type Task = 'chat' | 'embedding' | 'classification';

/** Runtimes that this build knows. Adding one: docs/guides/add-a-runtime.md. */
export type RuntimeName = 'llama-cpp' | 'onnx';

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
export interface VersionSpec {
  readonly model: string;
  readonly version: string;
  readonly task: Task;
  readonly runtime: RuntimeName;
  readonly artifact: ArtifactSpec;
  /** Runtime-specific; each runtime checks its own and refuses what it does not know. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly prices: Prices;
  /** Whole request, queueing included. */
  readonly timeoutMs: number;
}
