import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import type { Manifest } from '@scarmonit/core/manifest/manifest';
import type { ArtifactStore } from '@scarmonit/core/ports/artifact-store';
import { hasArtifact } from '@scarmonit/core/registry/version-spec';

/** @throws ScarmonitError `unsupported` for the first version that needs a machine of its own */
export function refuseLocalEngines(manifest: Manifest): void {
  for (const spec of manifest.models.flatMap(({ versions }) => versions)) {
    if (hasArtifact(spec)) throw needsMachine(`${spec.model}@${spec.version} has the runtime ${spec.runtime}, which`);
  }
}

const refuse = (): Promise<never> => Promise.reject(needsMachine('The runtime'));

/** Nothing is fetched for engines that cannot run. */
export const noArtifacts: ArtifactStore = { pull: refuse, find: refuse, verify: refuse };

function needsMachine(subject: string): ScarmonitError {
  return new ScarmonitError(
    'unsupported',
    `${subject} needs a machine of its own and does not run on Cloudflare Workers. Use openai-compatible or workers-ai, or serve the version from a Node host.`,
    { code: 'runtime_not_available' },
  );
}
