import type { LiveModel } from '../deployments/deployments.ts';
import type { EngineStats } from '../ports/model-runtime.ts';
import { type MetricFamily, toFamily } from './metric-family.ts';

/** A version that is here, with the live figures of its engine where they are known. */
interface LiveVersion {
  readonly labels: { readonly model: string; readonly version: string };
  readonly isReady: boolean;
  /** Of the model's requests, from 0 to 1. */
  readonly share: number;
  readonly stats: EngineStats | undefined;
}

/**
 * What is served right now, and what its engines do.
 * @param statsOf live figures; undefined for a version that is not loaded or does not answer
 */
export function describeDeployments(
  models: readonly LiveModel[],
  statsOf: (model: string, version: string) => EngineStats | undefined,
): readonly MetricFamily[] {
  const versions = models.flatMap((model) => listVersions(model, statsOf));
  const gauge = (name: string, help: string, read: (version: LiveVersion) => number | undefined): MetricFamily =>
    toFamily(
      name,
      'gauge',
      help,
      versions.map((version) => [version.labels, read(version)]),
    );
  return [
    gauge('scarmonit_version_ready', '1 while the version can answer, else 0.', ({ isReady }) => Number(isReady)),
    gauge(
      'scarmonit_traffic_share_ratio',
      "The version's share of the model's requests, from 0 to 1.",
      ({ share }) => share,
    ),
    toFamily(
      'scarmonit_goal',
      'gauge',
      "A goal of the manifest, in the unit that the goal's name ends with.",
      models.flatMap(({ spec }) =>
        Object.entries(spec.goals).map(([goal, value]) => [{ model: spec.name, goal }, value] as const),
      ),
    ),
    gauge('scarmonit_engine_requests_running', 'Requests that the engine works on.', ({ stats }) => stats?.running),
    gauge('scarmonit_engine_requests_queued', 'Requests that wait for the engine.', ({ stats }) => stats?.queued),
    gauge(
      'scarmonit_engine_slots',
      'Requests that the engine works on at once, at the most.',
      ({ stats }) => stats?.slots,
    ),
    gauge(
      'scarmonit_engine_queue_limit',
      'Requests that may wait for the engine; what comes then is refused.',
      ({ stats }) => stats?.queueLimit,
    ),
    gauge(
      'scarmonit_engine_resident_memory_bytes',
      "Memory of the engine's process; absent for upstreams, which have none here.",
      ({ stats }) => (stats === undefined || stats.residentBytes === 0 ? undefined : stats.residentBytes),
    ),
    toFamily(
      'scarmonit_engine_crashes',
      'counter',
      'Crashes of the engine since its version was loaded.',
      versions.map(({ labels, stats }) => [labels, stats?.crashes]),
    ),
  ];
}

function listVersions(
  { spec, traffic, versions }: LiveModel,
  statsOf: (model: string, version: string) => EngineStats | undefined,
): readonly LiveVersion[] {
  return [...versions].map(([version, { state }]) => ({
    labels: { model: spec.name, version },
    isReady: state === 'ready',
    share: shareOf(version, traffic),
    stats: statsOf(spec.name, version),
  }));
}

function shareOf(version: string, { stable, candidate, weight }: LiveModel['traffic']): number {
  const candidateShare = candidate === undefined ? 0 : weight;
  if (version === candidate) return candidateShare;
  return version === stable ? 1 - candidateShare : 0;
}
