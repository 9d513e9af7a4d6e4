import type { PullProgress } from '@scarmonit/core/ports/artifact-store';
import { hasArtifact, type VersionSpec } from '@scarmonit/core/registry/version-spec';

/** Shows how the artifacts of versions come in. */
export interface Progress {
  update(spec: VersionSpec, progress: PullProgress): void;
  finish(spec: VersionSpec): void;
  say(line: string): void;
  stop(): void;
}

/** Bytes to fetch. A package's size is not known before it is here; what its parts will have is a fair guess. */
export function sizeOf(spec: VersionSpec, { totalBytes, receivedBytes }: PullProgress): number {
  const declared = hasArtifact(spec) ? spec.artifact.from.reduce((sum, { bytes = 0 }) => sum + bytes, 0) : 0;
  return Math.max(totalBytes ?? declared, receivedBytes, 1);
}

export function label({ model, version }: VersionSpec): string {
  return `${model}@${version}`;
}

export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
