import { identifyVersion } from '../deployments/identify-version.ts';
import { ScarmonitError } from '../errors/scarmonit-error.ts';
import { canonicalJson } from '../manifest/canonical-json.ts';
import type { Manifest } from '../manifest/manifest.ts';
import type { Clock } from '../ports/clock.ts';
import type { Hash } from '../ports/hash.ts';
import type { VersionRepository } from '../ports/version-repository.ts';
import type { VersionSpec } from '../registry/version-spec.ts';

export interface RegistryPorts {
  readonly versions: VersionRepository;
  readonly hash: Hash;
  readonly projectId: string;
}

/** Registers a version by its digest. @throws ScarmonitError `conflict` when it is registered with other content */
export function createVersionRegistrar(
  { versions, hash, projectId }: RegistryPorts,
  clock: Pick<Clock, 'now'>,
): (spec: VersionSpec) => Promise<void> {
  return async (spec) => {
    const digest = identifyVersion(spec, hash);
    const outcome = await versions.register(
      projectId,
      spec.model,
      spec.version,
      digest,
      clock.now(),
      canonicalJson(spec),
    );
    if (outcome === 'different') throw editedVersion(spec);
  };
}

/** @throws ScarmonitError `conflict` when the manifest holds a registered version with other content */
export async function refuseEditedVersions(
  manifest: Manifest,
  { versions, hash, projectId }: RegistryPorts,
): Promise<void> {
  for (const spec of manifest.models.flatMap((model) => model.versions)) {
    const registered = await versions.find(projectId, spec.model, spec.version);
    if (registered !== undefined && registered !== identifyVersion(spec, hash)) throw editedVersion(spec);
  }
}

function editedVersion({ model, version }: VersionSpec): ScarmonitError {
  return new ScarmonitError(
    'conflict',
    `${model}@${version} is registered with other content, and versions are immutable. ` +
      'Undo the change of its runtime, artifact or options, or register it as a new version.',
    { code: 'version_immutable' },
  );
}
