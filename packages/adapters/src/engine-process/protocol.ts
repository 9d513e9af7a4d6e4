import type { ErrorData } from '@scarmonit/core/errors/scarmonit-error';
import type { EngineFigures } from '@scarmonit/core/ports/engine';
import type {
  ClassifyRequest,
  ClassifyResult,
  EmbedRequest,
  GenerateEvent,
  GenerateRequest,
} from '@scarmonit/core/ports/model-runtime';
import type { LocalVersionSpec } from '@scarmonit/core/registry/version-spec';

/**
 * What the host and an engine process say to each other over Node's IPC channel (`advanced` serialization, so typed
 * arrays cross as bytes).
 *
 * Every transmission is an array of messages: whatever one turn of the event loop has to say goes in one piece.
 * Each request has an id that is never used twice in the life of a process and is answered by exactly one closing
 * message: `end`, `embedded`, `classified` or `failed`; cancelled requests too.
 */
export type ToEngine =
  /** Import the engine while its artifact is still being checked. The first message. */
  | {
      readonly type: 'prepare';
      /** `file:` URL of a module that exports `createEngine`. */
      readonly engineModule: string;
    }
  | {
      readonly type: 'load';
      readonly spec: LocalVersionSpec;
      readonly artifactPath: string;
    }
  | { readonly type: 'generate'; readonly id: number; readonly request: GenerateRequest }
  | { readonly type: 'embed'; readonly id: number; readonly request: EmbedRequest }
  | { readonly type: 'classify'; readonly id: number; readonly request: ClassifyRequest }
  /** Stop and close the request; nobody reads its answer. */
  | { readonly type: 'cancel'; readonly id: number }
  /** The consumer took `count` more events: as many more may be sent. See {@link eventWindow}. */
  | { readonly type: 'taken'; readonly id: number; readonly count: number }
  | { readonly type: 'stats' }
  /** Free everything and exit. The host sends it when nothing is in flight. */
  | { readonly type: 'unload' };

export type FromEngine =
  /** Answers `load`. */
  | { readonly type: 'loaded'; readonly abilities: readonly Ability[]; readonly figures: EngineFigures }
  /** Answers `load`; the process exits after it. */
  | { readonly type: 'load-failed'; readonly error: ErrorData }
  | { readonly type: 'event'; readonly id: number; readonly event: GenerateEvent }
  | { readonly type: 'end'; readonly id: number }
  | ({ readonly type: 'embedded'; readonly id: number } & PackedVectors)
  | { readonly type: 'classified'; readonly id: number; readonly result: ClassifyResult }
  | { readonly type: 'failed'; readonly id: number; readonly error: ErrorData }
  | { readonly type: 'stats'; readonly figures: EngineFigures; readonly residentBytes: number };

/** Vectors of one length, one after another. */
export interface PackedVectors {
  readonly values: Float32Array;
  readonly dimensions: number;
  readonly inputTokens: number;
}

/** The methods of a `LoadedVersion` that an engine may or may not have. */
export type Ability = 'generate' | 'embed' | 'classify';

/** Events of one request that may be under way or unread in the host; then its engine waits for the consumer. */
export const eventWindow = 256;

/** After so many events taken the host says so. */
export const takenEvery = 64;
