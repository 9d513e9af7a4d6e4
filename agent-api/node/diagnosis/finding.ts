import type { LockHolder } from '@scarmonit/adapters/filesystem-lock/lock-holder';
import type { Manifest } from '@scarmonit/core/manifest/manifest';
import type { ArtifactStore } from '@scarmonit/core/ports/artifact-store';
import type { HostConfig } from '../config.ts';

/** `warn` does not keep the server from starting, `fail` does. */
export type FindingStatus = 'ok' | 'warn' | 'fail';

/** What a check found, in one sentence; `fix` is what to do. */
export interface Finding {
  /** Name of the check. */
  readonly check: string;
  readonly status: FindingStatus;
  readonly message: string;
  readonly fix?: string;
}

/** What the checks look at, gathered once. */
export interface CheckSurroundings {
  readonly config: HostConfig;
  readonly artifacts: ArtifactStore;
  /** The process that holds the data directory. */
  readonly holder: LockHolder | undefined;
  readonly manifest: Manifest | undefined;
  /** Why there is no manifest. */
  readonly manifestError: string | undefined;
}

export type Check = (surroundings: CheckSurroundings) => Promise<readonly Omit<Finding, 'check'>[]>;
