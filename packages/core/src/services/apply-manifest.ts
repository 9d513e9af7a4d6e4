import type { Deployments, LiveModel } from '../deployments/deployments.ts';
import { identifyVersion } from '../deployments/identify-version.ts';
import { type SupervisorPorts, VersionSupervisor } from '../deployments/supervise-version.ts';
import { ScarmonitError } from '../errors/scarmonit-error.ts';
import type { Manifest, ModelSpec } from '../manifest/manifest.ts';
import type { Hash } from '../ports/hash.ts';
import type { VersionRepository } from '../ports/version-repository.ts';
import type { VersionSpec } from '../registry/version-spec.ts';
import type { ManifestChanges } from './agent-services.ts';

export interface ApplyPorts {
  readonly deployments: Deployments;
  readonly supervisor: SupervisorPorts;
  readonly versions: VersionRepository;
  readonly hash: Hash;
  readonly projectId: string;
  /** Called with what a version that was taken out of the table failed with while it was unloaded. */
  onUnloadError(error: unknown): void;
}

export interface ApplyManifest {
  /**
   * Makes the deployments what the manifest says. New versions are loaded first; the table changes in one step; old
   * versions drain afterwards. When anything is wrong, nothing changes.
   * @param mode `start`: versions that cannot be loaded yet stay in the table as `failed` and are tried again.
   *   `change`: a new stable version that cannot be loaded refuses the whole change.
   * @throws ScarmonitError `conflict` when a registered version was edited
   */
  apply(manifest: Manifest, mode: 'start' | 'change'): Promise<ManifestChanges>;
}

/** The use case behind `scarmonit apply` and the start of a host. Changes run one after another. */
export function createApplyManifest(ports: ApplyPorts): ApplyManifest {
  let last: Promise<unknown> = Promise.resolve();
  return {
    apply: (manifest, mode) => {
      const result = last.then(() => applyOnce(ports, manifest, mode));
      last = result.catch(() => undefined);
      return result;
    },
  };
}

async function applyOnce(ports: ApplyPorts, manifest: Manifest, mode: 'start' | 'change'): Promise<ManifestChanges> {
  await refuseEditedVersions(ports, manifest);
  const before = ports.deployments.list();
  const plan = planModels(ports, manifest);
  if (mode === 'start') ports.deployments.replace(plan.models);
  await Promise.all(plan.added.map((supervisor) => supervisor.start()));
  if (mode === 'change') await refuseBrokenStable(plan);
  const changes = describeChanges(before, plan);
  for (const { supervisor, spec } of plan.kept) supervisor.update(spec);
  ports.deployments.replace(plan.models);
  await registerVersions(ports, manifest);
  for (const supervisor of plan.removed) supervisor.stop().catch(ports.onUnloadError);
  return changes;
}

async function refuseEditedVersions({ versions, hash, projectId }: ApplyPorts, manifest: Manifest): Promise<void> {
  for (const spec of manifest.models.flatMap((model) => model.versions)) {
    const registered = await versions.find(projectId, spec.model, spec.version);
    if (registered !== undefined && registered !== identifyVersion(spec, hash)) {
      throw new ScarmonitError(
        'conflict',
        `${spec.model}@${spec.version} is registered with other content, and versions are immutable. ` +
          'Undo the change of its runtime, artifact or options, or register it as a new version.',
        { code: 'version_immutable' },
      );
    }
  }
}

async function registerVersions(
  { versions, hash, projectId, supervisor }: ApplyPorts,
  manifest: Manifest,
): Promise<void> {
  for (const spec of manifest.models.flatMap((model) => model.versions)) {
    await versions.register(projectId, spec.model, spec.version, identifyVersion(spec, hash), supervisor.clock.now());
  }
}

interface Plan {
  readonly models: readonly LiveModel[];
  readonly added: readonly VersionSupervisor[];
  readonly kept: readonly { readonly supervisor: VersionSupervisor; readonly spec: VersionSpec }[];
  readonly removed: readonly VersionSupervisor[];
}

function planModels({ deployments, supervisor: supervisorPorts }: ApplyPorts, manifest: Manifest): Plan {
  const added: VersionSupervisor[] = [];
  const kept: { supervisor: VersionSupervisor; spec: VersionSpec }[] = [];
  const models = manifest.models.map((spec): LiveModel => {
    const current = deployments.find(spec.name);
    const versions = spec.versions.map((version): [string, VersionSupervisor] => {
      const running = current?.versions.get(version.version);
      if (running !== undefined) kept.push({ supervisor: running, spec: version });
      const supervisor = running ?? new VersionSupervisor(version, supervisorPorts);
      if (running === undefined) added.push(supervisor);
      return [version.version, supervisor];
    });
    return {
      spec,
      createdAt: current?.createdAt ?? supervisorPorts.clock.now(),
      deployment: deploymentOf(spec),
      versions: new Map(versions),
    };
  });
  const wanted = new Set(models.flatMap((model) => [...model.versions.values()]));
  const removed = deployments
    .list()
    .flatMap((model) => [...model.versions.values()])
    .filter((supervisor) => !wanted.has(supervisor));
  return { models, added, kept, removed };
}

function deploymentOf(spec: ModelSpec): LiveModel['deployment'] {
  return { model: spec.name, stable: spec.stable, versions: spec.versions.map(({ version }) => version) };
}

async function refuseBrokenStable({ models, added }: Plan): Promise<void> {
  for (const { spec, versions } of models) {
    const stable = versions.get(spec.stable);
    if (stable === undefined || stable.state === 'ready' || !added.includes(stable)) continue;
    const { reason } = stable;
    await Promise.all(added.map((supervisor) => supervisor.stop()));
    throw new ScarmonitError(
      'invalid_request',
      `Nothing was changed: ${spec.name}@${spec.stable} cannot be loaded: ${reason ?? 'unknown reason'}`,
      { code: 'version_not_loadable' },
    );
  }
}

function describeChanges(before: readonly LiveModel[], { models, added, kept, removed }: Plan): ManifestChanges {
  const label = ({ spec }: VersionSupervisor): string => `${spec.model}@${spec.version}`;
  const switched = models.flatMap(({ spec, deployment }) => {
    const old = before.find((model) => model.spec.name === spec.name)?.deployment.stable;
    return old === undefined || old === deployment.stable ? [] : [`${spec.name}: ${old} → ${deployment.stable}`];
  });
  return {
    added: added.map(label),
    removed: removed.map(label),
    switched,
    unchanged: kept.map(({ supervisor }) => label(supervisor)),
  };
}
