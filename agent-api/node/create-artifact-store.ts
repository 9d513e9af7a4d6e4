import { dirname, join } from 'node:path';
import { builtInRecipes } from '@scarmonit/adapters/artifact-recipes/built-in-recipes';
import { createFileSource } from '@scarmonit/adapters/artifact-sources/file/file-source';
import { createHttpsSource, createLoopbackHttpSource } from '@scarmonit/adapters/artifact-sources/https/https-source';
import { createHubSource } from '@scarmonit/adapters/artifact-sources/https/hub/hub-source';
import { createNpmSource } from '@scarmonit/adapters/artifact-sources/npm/npm-source';
import { readNpmConfig } from '@scarmonit/adapters/artifact-sources/npm/read-npm-config';
import { createFilesystemArtifactStore } from '@scarmonit/adapters/filesystem/artifact-store';
import type { ArtifactStore } from '@scarmonit/core/ports/artifact-store';
import type { HostConfig } from './config.ts';

/** The artifacts of a data directory, with every source and recipe that this host knows. */
export function createArtifactStore(config: HostConfig): ArtifactStore {
  const { dataDir, hub } = config;
  const manifestDir = dirname(config.configPath);
  return createFilesystemArtifactStore({
    dataDir,
    recipes: builtInRecipes,
    sources: [
      createNpmSource({
        spoolDir: join(dataDir, 'artifacts', 'npm'),
        readOptions: () => readNpmConfig({ cwd: manifestDir, env: config.npmEnvironment }),
      }),
      createFileSource({ baseDir: manifestDir }),
      createHttpsSource(),
      createLoopbackHttpSource(),
      createHubSource({ endpoint: hub.endpoint, ...(hub.token === undefined ? {} : { token: hub.token }) }),
    ],
  });
}
