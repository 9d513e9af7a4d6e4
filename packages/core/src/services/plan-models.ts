import type { Deployments, LiveModel } from '../deployments/deployments.ts';
import { identifyVersion } from '../deployments/identify-version.ts';
import { VersionSupervisor } from '../deployments/supervise-version.ts';
import { ScarmonitError } from '../errors/scarmonit-error.ts';
import type { Manifest, ModelSpec } from '../manifest/manifest.ts';
import type { Hash } from '../ports/hash.ts';
import type { VersionSpec } from '../registry/version-spec.ts';
import type { Traffic } from '../routing/traffic.ts';
import type { ApplyPorts } from './apply-manifest.ts';
import { type DeclaredTraffic, declareTraffic, type StoredTraffic } from './declare-traffic.ts';
import { findNeededVersions } from './retire-versions.ts';

/** What applying a manifest will change. */
export interface ModelPlan {
  /** As they will be; their traffic is what the manifest asks for, where it asks for it at once. */
  readonly models: readonly LiveModel[];
  readonly declared: ReadonlyMap<string, DeclaredTraffic>;
  readonly added: readonly VersionSupervisor[];
  readonly kept: readonly { readonly supervisor: VersionSupervisor; readonly spec: VersionSpec }[];
  readonly removed: readonly VersionSupervisor[];
}

/**
 * Plans the way from what runs to what a manifest declares. Nothing is started or written.
 * @throws ScarmonitError `conflict` when the manifest contradicts a rollout that is going on
 */
export async function planModels(ports: ApplyPorts, manifest: Manifest, stored: StoredTraffic): Promise<ModelPlan> {
  const { deployments, hash, supervisor: supervisorPorts, projectId } = ports;
  const now = supervisorPorts.clock.now();
  const registrations = await ports.versions.firstRegistrations(projectId);
  const added: VersionSupervisor[] = [];
  const kept: { supervisor: VersionSupervisor; spec: VersionSpec }[] = [];
  const declared = new Map<string, DeclaredTraffic>();
  const models: LiveModel[] = [];
  for (const spec of manifest.models) {
    const current = deployments.find(spec.name);
    const asked = declareTraffic(spec, stored, now);
    declared.set(spec.name, asked);
    const wanted = [...spec.versions, ...(await undeclaredVersions(spec, asked.traffic, current, ports))];
    const versions = wanted.map((version): [string, VersionSupervisor] => {
      const running = sameVersion(current?.versions.get(version.version), version, hash);
      if (running !== undefined) kept.push({ supervisor: running, spec: version });
      const supervisor = running ?? new VersionSupervisor(version, supervisorPorts);
      if (running === undefined) added.push(supervisor);
      return [version.version, supervisor];
    });
    models.push({
      spec,
      createdAt: registrations.get(spec.name) ?? current?.createdAt ?? now,
      traffic: asked.traffic,
      versions: new Map(versions),
    });
  }
  const staying = new Set(models.flatMap((model) => [...model.versions.values()]));
  const removed = deployments
    .list()
    .flatMap((model) => [...model.versions.values()])
    .filter((supervisor) => !staying.has(supervisor));
  return { models, declared, added, kept, removed };
}

/**
 * Versions that came in and traffic that was set while the new versions were loaded: they stay. Nothing has been taken out
 * meanwhile.
 * @param models as planned
 */
export function keepArrivals(
  models: readonly LiveModel[],
  { removed }: Pick<ModelPlan, 'removed'>,
  deployments: Deployments,
): readonly LiveModel[] {
  return models.map((model) => {
    const current = deployments.find(model.spec.name);
    if (current === undefined) return model;
    const arrived = [...current.versions].filter(
      ([version, supervisor]) => !model.versions.has(version) && !removed.includes(supervisor),
    );
    const versions = new Map([...model.versions, ...arrived]);
    const isNewer = current.traffic.revision > model.traffic.revision && versions.has(current.traffic.stable);
    return { ...model, versions, traffic: isNewer ? current.traffic : model.traffic };
  });
}

/** Versions that the traffic needs stay, although the manifest does not name them (any more): the store says what is. */
async function undeclaredVersions(
  spec: ModelSpec,
  traffic: Traffic,
  current: LiveModel | undefined,
  ports: ApplyPorts,
): Promise<readonly VersionSpec[]> {
  const found: VersionSpec[] = [];
  for (const version of await findNeededVersions(traffic, ports)) {
    if (spec.versions.some((declared) => declared.version === version)) continue;
    const running = current?.versions.get(version)?.spec ?? (await readDeclaration(spec.name, version, ports));
    if (running !== undefined) found.push(running);
    else if (version === traffic.stable || version === traffic.candidate) throw lostVersion(spec.name, version);
  }
  return found;
}

async function readDeclaration(
  model: string,
  version: string,
  { versions, projectId }: ApplyPorts,
): Promise<VersionSpec | undefined> {
  const declaration = await versions.findDeclaration(projectId, model, version);
  return declaration === undefined ? undefined : (JSON.parse(declaration) as VersionSpec);
}

function lostVersion(model: string, version: string): ScarmonitError {
  return new ScarmonitError(
    'conflict',
    `${model}@${version} has the model's traffic, and neither the manifest nor the store knows how to run it. ` +
      'Declare it in the manifest again.',
    { code: 'version_not_declared' },
  );
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
