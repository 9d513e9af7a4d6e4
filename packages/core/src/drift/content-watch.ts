import type { TextInput } from '../ports/model-runtime.ts';

/** Which version something is said of. */
export interface VersionName {
  readonly model: string;
  readonly version: string;
}

/**
 * Sees what goes into versions and what comes out of them, to count what kind of it there was. Contents are never kept.
 * Calls cost next to nothing on average, and never throw.
 */
export interface ContentWatch {
  /** A body in OpenAI's wire format, or the messages or text of a generation. */
  noteRequest(of: VersionName, request: ReadableRequest): void;
  noteLabels(of: VersionName, input: TextInput, labels: readonly string[]): void;
  noteVectors(of: VersionName, input: TextInput, vectors: readonly Float32Array[]): void;
}

/** Where the text of a request may stand; whatever else stands there is left alone. */
export interface ReadableRequest {
  readonly kind?: unknown;
  readonly messages?: unknown;
  readonly prompt?: unknown;
  readonly input?: unknown;
  readonly text?: unknown;
}
