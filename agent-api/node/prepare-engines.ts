import { existsSync } from 'node:fs';
import { PreparedEngines } from '@scarmonit/adapters/engine-process/prepared-engines';
import { finishedPath } from '@scarmonit/adapters/filesystem/artifact-paths';
import type { Manifest } from '@scarmonit/core/manifest/manifest';
import { hasArtifact } from '@scarmonit/core/registry/version-spec';
import type { HostConfig } from './config.ts';
import { findEngineModule } from './engine-modules.ts';

/**
 * Forks the engine processes of the versions that can be loaded at once, while the host still imports itself: engines
 * take longer to import than the host does. Versions whose artifact has yet to be fetched get theirs afterwards.
 */
export function prepareEngines(config: HostConfig, manifest: Manifest): PreparedEngines {
  const engines = new PreparedEngines();
  for (const spec of manifest.models.flatMap((model) => model.versions)) {
    if (!hasArtifact(spec) || !existsSync(finishedPath(config.dataDir, spec.artifact.sha256))) continue;
    engines.prepare({ engineModule: findEngineModule(spec.runtime), env: config.engineEnvironment });
  }
  return engines;
}
