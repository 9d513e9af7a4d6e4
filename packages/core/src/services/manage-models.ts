import type { Deployments, LiveModel } from '../deployments/deployments.ts';
import { ScarmonitError } from '../errors/scarmonit-error.ts';
import type { Manifest } from '../manifest/manifest.ts';
import type { EngineStats } from '../ports/model-runtime.ts';
import { hasArtifact } from '../registry/version-spec.ts';
import type { ModelInfo, ModelService } from './agent-services.ts';
import type { ApplyManifest } from './apply-manifest.ts';
import { findModel, mayUse } from './serve-inference.ts';

export interface ModelServicePorts {
  readonly deployments: Deployments;
  readonly applyManifest: ApplyManifest;
  /** Parses manifest text. @throws ManifestError */
  readonly readManifest: (text: string) => Manifest;
}

/** The use cases behind the model listings and `scarmonit apply`. */
export function createModelService({ deployments, applyManifest, readManifest }: ModelServicePorts): ModelService {
  return {
    list: (key) =>
      deployments
        .list()
        .filter((model) => mayUse(key, model.spec.name))
        .map(describeModel),

    find: (key, name) => describeModel(findModel(deployments, key, name)),

    stats: async (name) => {
      const model = deployments.find(name);
      if (model === undefined) throw new ScarmonitError('unknown_model', `There is no model '${name.slice(0, 64)}'.`);
      const figures = await Promise.all(
        [...model.versions].map(async ([version, supervisor]): Promise<readonly [string, EngineStats] | undefined> => {
          const stats = await supervisor.loaded?.stats();
          return stats === undefined ? undefined : [version, stats];
        }),
      );
      return Object.fromEntries(figures.filter((entry) => entry !== undefined));
    },

    apply: (manifestText) => applyManifest.apply(readManifest(manifestText), 'change'),
  };
}

function describeModel({ spec, createdAt, traffic, versions }: LiveModel): ModelInfo {
  return {
    name: spec.name,
    task: spec.task,
    stable: traffic.stable,
    createdAt,
    goals: spec.goals,
    versions: [...versions.values()].map(({ spec: version, state, reason }) => ({
      version: version.version,
      runtime: version.runtime,
      ...(hasArtifact(version) ? { sha256: version.artifact.sha256 } : {}),
      state,
      ...(reason === undefined ? {} : { reason }),
      options: version.options,
      prices: version.prices,
    })),
  };
}
