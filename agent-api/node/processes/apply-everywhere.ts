import type { ApplyManifest } from '@scarmonit/core/services/apply-manifest';

/** Applying that has not ended before every process serves what was applied. */
export function applyEverywhere(applyManifest: ApplyManifest, untilFollowed: () => Promise<void>): ApplyManifest {
  return {
    ...applyManifest,
    apply: async (manifest, mode) => {
      const changes = await applyManifest.apply(manifest, mode);
      await untilFollowed();
      return changes;
    },
  };
}
