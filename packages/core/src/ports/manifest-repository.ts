/** A manifest as it was applied. */
export interface AppliedManifest {
  /** 1, 2, 3, … */
  readonly revision: number;
  readonly text: string;
}

/** Every manifest that was applied to a host without a file, in order; the last is the one that is wanted. */
export interface ManifestRepository {
  /** The newest revision's number, 0 when there is none. Cheaper than the text. */
  latestRevision(projectId: string): Promise<number>;
  find(projectId: string, revision: number): Promise<AppliedManifest | undefined>;
  /**
   * Adds the next revision, durable when the promise resolves.
   * @param appliedAt milliseconds since the Unix epoch
   * @returns false when that revision is there already: someone else was first
   */
  append(projectId: string, manifest: AppliedManifest, appliedAt: number): Promise<boolean>;
}
