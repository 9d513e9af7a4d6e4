import type { Deployments, LiveModel } from '../deployments/deployments.ts';
import { identifyVersion } from '../deployments/identify-version.ts';
import { type SupervisorPorts, VersionSupervisor } from '../deployments/supervise-version.ts';
import { ScarmonitError } from '../errors/scarmonit-error.ts';
import type { Manifest, ModelSpec } from '../manifest/manifest.ts';
import type { Hash } from '../ports/hash.ts';
import type { VersionSpec } from '../registry/version-spec.ts';
import type { ManifestChanges } from './agent-services.ts';
import { type RegistryPorts, refuseEditedVersions } from './register-version.ts';

export interface ApplyPorts extends RegistryPorts {
  readonly deployments: Deployments;
  readonly supervisor: SupervisorPorts;
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
  /** Resolves when the versions that changes have taken out are unloaded. */
  drained(): Promise<void>;
}

/** The use case behind `scarmonit apply` and the start of a host. Changes run one after another. */
export function createApplyManifest(ports: ApplyPorts): ApplyManifest {
  const draining = new Set<Promise<void>>();
  let last: Promise<unknown> = Promise.resolve();

  const drain = (supervisor: VersionSupervisor): void => {
    const drained = supervisor.stop().catch(ports.onUnloadError);
    draining.add(drained);
    void drained.then(() => draining.delete(drained));
  };
  return {
    apply: (manifest, mode) => {
      const result = last.then(() => applyOnce(ports, manifest, mode, drain));
      last = result.catch(() => undefined);
      return result;
    },
    drained: async () => {
      await Promise.all(draining);
    },
  };
}

async function applyOnce(
  ports: ApplyPorts,
  manifest: Manifest,
  mode: 'start' | 'change',
  drain: (supervisor: VersionSupervisor) => void,
): Promise<ManifestChanges> {
  await refuseEditedVersions(manifest, ports);
  const plan = planModels(ports, manifest);
  const updates = plan.kept.map(({ supervisor, spec }) => supervisor.prepareUpdate(spec));
  const changes = describeChanges(ports.deployments, plan);
  if (mode === 'start') ports.deployments.replace(plan.models);
  await Promise.all(plan.added.map((supervisor) => supervisor.start()));
  if (mode === 'change') await refuseUnreadyStable(ports.deployments, plan, drain);
  for (const update of updates) update();
  ports.deployments.replace(plan.models);
  plan.removed.forEach(drain);
  return changes;
}

interface Plan {
  readonly models: readonly LiveModel[];
  readonly added: readonly VersionSupervisor[];
  readonly kept: readonly { readonly supervisor: VersionSupervisor; readonly spec: VersionSpec }[];
  readonly removed: readonly VersionSupervisor[];
}

function planModels({ deployments, hash, supervisor: supervisorPorts }: ApplyPorts, manifest: Manifest): Plan {
  const added: VersionSupervisor[] = [];
  const kept: { supervisor: VersionSupervisor; spec: VersionSpec }[] = [];
  const models = manifest.models.map((spec): LiveModel => {
    const current = deployments.find(spec.name);
    const versions = spec.versions.map((version): [string, VersionSupervisor] => {
      const running = sameVersion(current?.versions.get(version.version), version, hash);
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

/** What runs under this number, unless it never could be loaded and was corrected since. */
function sameVersion(
  running: VersionSupervisor | undefined,
  wanted: VersionSpec,
  hash: Hash,
): VersionSupervisor | undefined {
  if (running === undefined) return undefined;
  return identifyVersion(running.spec, hash) === identifyVersion(wanted, hash) ? running : undefined;
}

/** A version gets a model's traffic only when it can answer. What was stable before may stay whatever its state. */
async function refuseUnreadyStable(
  deployments: Deployments,
  { models, added }: Plan,
  drain: (supervisor: VersionSupervisor) => void,
): Promise<void> {
  for (const { spec, versions } of models) {
    const stable = versions.get(spec.stable);
    const before = deployments.find(spec.name);
    if (before?.deployment.stable === spec.stable && before.versions.get(spec.stable) === stable) continue;
    await stable?.start();
    if (stable?.state === 'ready') continue;
    added.forEach(drain);
    const state = stable?.reason ?? stable?.state ?? 'it is not declared';
    throw new ScarmonitError(
      'invalid_request',
      `Nothing was changed: ${spec.name}@${spec.stable} cannot become stable, it is not ready: ${state}`,
      { code: 'version_not_loadable' },
    );
  }
}

function describeChanges(deployments: Deployments, { models, added, kept, removed }: Plan): ManifestChanges {
  const label = ({ spec }: VersionSupervisor): string => `${spec.model}@${spec.version}`;
  const switched = models.flatMap(({ spec, deployment }) => {
    const old = deployments.find(spec.name)?.deployment.stable;
    return old === undefined || old === deployment.stable ? [] : [`${spec.name}: ${old} → ${deployment.stable}`];
  });
  return {
    added: added.map(label),
    removed: removed.map(label),
    switched,
    unchanged: kept.map(({ supervisor }) => label(supervisor)),
  };
}
