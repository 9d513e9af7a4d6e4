import type { ArtifactSpec } from '../registry/version-spec.ts';

/** Keeps finished artifacts under their digest and brings in what is missing. */
export interface ArtifactStore {
  /**
   * Makes sure that the artifact is here: fetches its parts, checks each digest, follows the recipe, checks the result
   * and puts it in place in one step. Safe to call at once for the same artifact; leaves nothing half-made behind.
   * @returns the path of a file whose bytes were checked when it was put in place
   * @throws ScarmonitError that names the source, both digests on a mismatch, or the space that is missing
   */
  pull(artifact: ArtifactSpec, options: PullOptions): Promise<string>;
  /** The path of a finished artifact, or undefined. Does not read the bytes. */
  find(sha256: string): Promise<string | undefined>;
  /**
   * Reads the bytes and compares the digest; every load calls it.
   * @param options `unlessUnchanged`: the bytes need not be read where nothing has written to them since they were
   * @throws ScarmonitError `engine_failure` with both digests when they differ
   */
  verify(sha256: string, options?: { readonly unlessUnchanged: boolean }): Promise<string>;
}

export interface PullOptions {
  readonly signal: AbortSignal;
  onProgress?(progress: PullProgress): void;
}

export interface PullProgress {
  readonly phase: 'fetch' | 'assemble' | 'done';
  /** What is fetched now, such as `npm:pkg@1.0.0/model.part`. */
  readonly source: string;
  readonly receivedBytes: number;
  readonly totalBytes: number | undefined;
}
