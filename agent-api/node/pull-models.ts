import { mkdir } from 'node:fs/promises';
import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import type { Manifest } from '@scarmonit/core/manifest/manifest';
import type { PullProgress } from '@scarmonit/core/ports/artifact-store';
import { hasArtifact, type LocalVersionSpec, type VersionSpec } from '@scarmonit/core/registry/version-spec';
import type { HostConfig } from './config.ts';
import { createArtifactStore } from './create-artifact-store.ts';
import { readManifestFile } from './read-manifest-file.ts';

export interface PullModelsRequest {
  /** `NAME` or `NAME@VERSION`; absent: every version of the manifest. */
  readonly name: string | undefined;
  readonly signal: AbortSignal;
  onProgress?(version: VersionSpec, progress: PullProgress): void;
}

export interface PulledVersion {
  readonly model: string;
  readonly version: string;
  readonly sha256: string;
  readonly path: string;
  /** True when nothing had to be fetched. */
  readonly wasHere: boolean;
}

/**
 * Brings the artifacts that the manifest names into the data directory, one after the other. Needs no server and
 * disturbs none.
 * @throws ScarmonitError `unknown_model` that lists what there is, or what the artifact store says
 */
export async function pullModels(config: HostConfig, request: PullModelsRequest): Promise<readonly PulledVersion[]> {
  const { name, signal, onProgress } = request;
  const versions = chooseVersions(readManifestFile(config.configPath), name);
  await mkdir(config.dataDir, { recursive: true, mode: 0o700 });
  const store = createArtifactStore(config);
  const pulled: PulledVersion[] = [];
  for (const spec of versions) {
    const { model, version, artifact } = spec;
    signal.throwIfAborted();
    const found = await store.find(artifact.sha256);
    const path =
      found ?? (await store.pull(artifact, { signal, onProgress: (progress) => onProgress?.(spec, progress) }));
    pulled.push({ model, version, sha256: artifact.sha256, path, wasHere: found !== undefined });
  }
  return pulled;
}

function chooseVersions({ models }: Manifest, name: string | undefined): readonly LocalVersionSpec[] {
  const versions = models.flatMap((model) => model.versions).filter(hasArtifact);
  if (name === undefined) return versions;
  const chosen = versions.filter(({ model, version }) => name === model || name === `${model}@${version}`);
  if (chosen.length > 0) return chosen;
  const known = versions.map(({ model, version }) => `${model}@${version}`).join(', ') || 'nothing';
  throw new ScarmonitError('unknown_model', `The manifest declares no ${name}. It declares ${known}.`);
}
