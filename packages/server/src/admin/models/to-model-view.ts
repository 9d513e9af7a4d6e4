import type { EngineStats } from '@scarmonit/core/ports/model-runtime';
import type { ModelInfo, VersionInfo } from '@scarmonit/core/services/agent-services';
import type { EngineStatsView, ModelView, VersionView } from '@scarmonit/protocol/admin/model';

/** A model with the live figures of its versions. */
export function toModelView(model: ModelInfo, stats: Readonly<Record<string, EngineStats>>): ModelView {
  return {
    name: model.name,
    task: model.task,
    stable: model.stable,
    createdAt: model.createdAt,
    goals: { ...model.goals },
    versions: model.versions.map((version) => toVersionView(version, stats[version.version])),
  };
}

function toVersionView(version: VersionInfo, stats: EngineStats | undefined): VersionView {
  return {
    version: version.version,
    runtime: version.runtime,
    sha256: version.sha256 ?? null,
    state: version.state,
    reason: version.reason ?? null,
    options: { ...version.options },
    prices: version.prices,
    stats: stats === undefined ? null : toStatsView(stats),
  };
}

function toStatsView({ processId, batchSizes, ...figures }: EngineStats): EngineStatsView {
  return { ...figures, batchSizes: { ...batchSizes }, processId: processId ?? null };
}
