import type { Deployments } from '@scarmonit/core/deployments/deployments';
import { hasArtifact } from '@scarmonit/core/registry/version-spec';
import type { UpstreamFigures } from '@scarmonit/core/telemetry/describe-processes';

/** What this process has in flight at upstreams. Engines are the primary's, which counts them itself. */
export async function measureUpstreams(deployments: Pick<Deployments, 'list'>): Promise<readonly UpstreamFigures[]> {
  const figures = await Promise.all(
    deployments.list().flatMap(({ spec: { name: model }, versions }) =>
      [...versions.values()]
        .filter(({ spec }) => !hasArtifact(spec))
        .map(async ({ spec: { version }, loaded }): Promise<UpstreamFigures | undefined> => {
          const stats = await loaded?.stats();
          return stats === undefined ? undefined : { model, version, running: stats.running, slots: stats.slots };
        }),
    ),
  );
  return figures.filter((one) => one !== undefined);
}
