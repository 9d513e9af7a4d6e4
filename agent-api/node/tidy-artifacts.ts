import { removeUnwantedParts } from '@scarmonit/adapters/filesystem/remove-unwanted-parts';
import type { Manifest } from '@scarmonit/core/manifest/manifest';
import type { Clock } from '@scarmonit/core/ports/clock';
import { hasArtifact } from '@scarmonit/core/registry/version-spec';
import type { Logger } from 'pino';
import type { HostConfig } from './config.ts';

export interface TidyParts {
  readonly config: HostConfig;
  readonly manifest: Manifest;
  readonly clock: Pick<Clock, 'now'>;
  readonly logger: Logger;
}

/** Removes what abandoned downloads left in the data directory. Serving does not depend on it: never rejects. */
export async function tidyArtifacts({ config: { dataDir }, manifest, clock, logger }: TidyParts): Promise<void> {
  const versions = manifest.models.flatMap((model) => model.versions).filter(hasArtifact);
  const wanted = new Set(versions.flatMap(({ artifact }) => artifact.from.map(({ sha256 }) => sha256)));
  try {
    const removed = await removeUnwantedParts({ dataDir, wanted, now: clock.now() });
    if (removed.length > 0) logger.info({ removed }, 'downloads that no version wants any more were removed');
  } catch (error) {
    logger.warn({ err: error }, 'left-over downloads could not be removed');
  }
}
