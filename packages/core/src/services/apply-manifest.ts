import type { Deployments, LiveModel } from '../deployments/deployments.ts';
import { identifyVersion } from '../deployments/identify-version.ts';
import type { SupervisorPorts, VersionSupervisor } from '../deployments/supervise-version.ts';
import { ScarmonitError } from '../errors/scarmonit-error.ts';
import type { Manifest, ModelSpec } from '../manifest/manifest.ts';
import type { ManifestChanges } from './agent-services.ts';
import { type DeclarePorts, readStoredTraffic, writeDeclared } from './declare-traffic.ts';
import { keepArrivals, type ModelPlan, planModels } from './plan-models.ts';
import { type RegistryPorts, refuseEditedVersions } from './register-version.ts';

export interface ApplyPorts extends RegistryPorts, DeclarePorts {
  readonly deployments: Deployments;
  readonly supervisor: SupervisorPorts;
  /**
   * Starts a rollout by the model's own settings, for a manifest that wants another stable version.
   * @returns its id
   * @throws ScarmonitError `conflict` when one is going on, or required receipts are missing
   */
  startRollout(model: ModelSpec, to: string): Promise<string>;
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
      const result = last.then(() => ports.deployments.keepAll(() => applyOnce(ports, manifest, mode, drain)));
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
  const plan = await planModels(ports, manifest, await readStoredTraffic(ports));
  const updates = plan.kept.map(({ supervisor, spec }) => supervisor.prepareUpdate(spec));
  const changes = describeChanges(ports.deployments, plan);
  if (mode === 'start') ports.deployments.replace(plan.models);
  await Promise.all(plan.added.map((supervisor) => supervisor.start()));
  if (mode === 'change') await refuseUnreadyStable(ports.deployments, plan, drain);
  const models = await settleTraffic(plan, ports, mode);
  const dated = await dateModels(models, ports);
  for (const update of updates) update();
  ports.deployments.replace(keepArrivals(dated, plan, ports.deployments));
  plan.removed.forEach(drain);
  return { ...changes, rollouts: await startRollouts(plan, ports) };
}

/** Writes down what the manifest asked of the traffic, and takes over what others have written meanwhile. */
async function settleTraffic(
  { models, declared }: ModelPlan,
  ports: ApplyPorts,
  mode: 'start' | 'change',
): Promise<readonly LiveModel[]> {
  let isOutdated = false;
  for (const model of models) {
    const asked = declared.get(model.spec.name);
    if (asked === undefined || asked.kind === 'rollout') continue;
    const stable = model.versions.get(model.traffic.stable);
    const digest = stable === undefined ? '' : identifyVersion(stable.spec, ports.hash);
    if (await writeDeclared(asked, model.spec.stable, digest, ports)) continue;
    if (mode === 'change') throw changedMeanwhile(model);
    isOutdated = true;
  }
  if (!isOutdated) return models;
  // Several processes that start at once on an empty store all declare the same; the first one's is kept.
  const { current } = await readStoredTraffic(ports);
  return models.map((model) => ({ ...model, traffic: current.get(model.spec.name) ?? model.traffic }));
}

function changedMeanwhile({ spec }: LiveModel): ScarmonitError {
  return new ScarmonitError(
    'conflict',
    `The deployment of ${spec.name} was changed by somebody else at the same moment. Look at it, then apply again.`,
    { code: 'revision_conflict' },
  );
}

/** The wish is noted only when its rollout has begun: until then the same file asks again. */
async function startRollouts({ models, declared }: ModelPlan, ports: ApplyPorts): Promise<readonly string[]> {
  const started: string[] = [];
  for (const { spec } of models) {
    const asked = declared.get(spec.name);
    if (asked?.kind !== 'rollout') continue;
    const id = await ports.startRollout(spec, asked.to);
    await writeDeclared(asked, spec.stable, '', ports);
    started.push(`${spec.name}: ${asked.traffic.stable} → ${asked.to} (${id})`);
  }
  return started;
}

/** New models were registered while they were loaded. A date that cannot be read is no reason to undo all that. */
async function dateModels(
  models: readonly LiveModel[],
  { versions, projectId }: RegistryPorts,
): Promise<readonly LiveModel[]> {
  const registrations = await versions.firstRegistrations(projectId).catch(() => new Map<string, number>());
  return models.map((model) => ({ ...model, createdAt: registrations.get(model.spec.name) ?? model.createdAt }));
}

/** A version gets a model's traffic only when it can answer. What was stable before may stay whatever its state. */
async function refuseUnreadyStable(
  deployments: Deployments,
  { models, added }: ModelPlan,
  drain: (supervisor: VersionSupervisor) => void,
): Promise<void> {
  for (const { spec, traffic, versions } of models) {
    const stable = versions.get(traffic.stable);
    const before = deployments.find(spec.name);
    if (before?.traffic.stable === traffic.stable && before.versions.get(traffic.stable) === stable) continue;
    await stable?.start();
    if (stable?.state === 'ready') continue;
    added.forEach(drain);
    const state = stable?.reason ?? stable?.state ?? 'it is not declared';
    throw new ScarmonitError(
      'invalid_request',
      `Nothing was changed: ${spec.name}@${traffic.stable} cannot become stable, it is not ready: ${state}`,
      { code: 'version_not_loadable' },
    );
  }
}

function describeChanges(
  deployments: Deployments,
  { models, added, kept, removed }: ModelPlan,
): Omit<ManifestChanges, 'rollouts'> {
  const label = ({ spec }: VersionSupervisor): string => `${spec.model}@${spec.version}`;
  const switched = models.flatMap(({ spec, traffic }) => {
    const old = deployments.find(spec.name)?.traffic.stable;
    return old === undefined || old === traffic.stable ? [] : [`${spec.name}: ${old} → ${traffic.stable}`];
  });
  return {
    added: added.map(label),
    removed: removed.map(label),
    switched,
    unchanged: kept.map(({ supervisor }) => label(supervisor)),
  };
}
