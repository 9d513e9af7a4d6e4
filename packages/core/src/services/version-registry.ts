import type { Deployments, LiveModel } from '../deployments/deployments.ts';
import { identifyVersion } from '../deployments/identify-version.ts';
import { type SupervisorPorts, VersionSupervisor } from '../deployments/supervise-version.ts';
import { ScarmonitError } from '../errors/scarmonit-error.ts';
import { canonicalJson } from '../manifest/canonical-json.ts';
import type { ManifestDocument } from '../manifest/manifest.ts';
import { type ModelCard, parseVersion } from '../manifest/parse-version.ts';
import type { ExplainSecretUse } from '../manifest/secret-uses.ts';
import type {
  RegisteredVersion,
  VersionStatusRecord,
  VersionStatusRepository,
} from '../ports/version-status-repository.ts';
import type { VersionSpec } from '../registry/version-spec.ts';
import type { Deprecation, VersionRecord, VersionRegistryService } from './agent-services.ts';
import { createVersionRegistrar, type RegistryPorts } from './register-version.ts';

export interface VersionRegistryPorts extends RegistryPorts {
  readonly statuses: VersionStatusRepository;
  readonly deployments: Deployments;
  readonly supervisor: SupervisorPorts;
  /** Reads YAML or JSON text. @throws ManifestError */
  readDocument(text: string): ManifestDocument;
  /** Versions come in over HTTP. */
  readonly explainSecretUse: ExplainSecretUse;
}

export interface VersionRegistry extends VersionRegistryService {
  /**
   * Makes a registered version live on this process, and begins to load it, when it is not.
   * @returns false when the version or its model is not known
   */
  ensureLive(model: string, version: string): Promise<boolean>;
  /** Reads from the store which versions are deprecated, as others may have decided. */
  follow(): Promise<void>;
}

/** The use cases of the registry: what versions there are, what is said of them, and how one comes in without the manifest. */
export function createVersionRegistry(ports: VersionRegistryPorts): VersionRegistry {
  const { statuses, versions, deployments, hash, projectId, supervisor } = ports;
  const register = createVersionRegistrar(ports, supervisor.clock);

  const follow = async (): Promise<void> => {
    const deprecated = await statuses.listDeprecated(projectId);
    deployments.setDeprecations(
      new Map(deprecated.map((said) => [`${said.model}@${said.version}`, toDeprecation(said)])),
    );
  };

  const list = async (name: string): Promise<readonly VersionRecord[]> => {
    const model = findLive(deployments, name);
    const registered = await statuses.list(projectId, name);
    const known = new Set(registered.map(({ version }) => version));
    // What was declared and never loaded is not registered yet; it is a version all the same.
    const unregistered = [...model.versions.values()]
      .filter(({ spec }) => !known.has(spec.version))
      .map(({ spec }) => declaredOnly(spec, identifyVersion(spec, hash), model.createdAt));
    return [...registered, ...unregistered].map((version) => toRecord(version, model));
  };

  const show = async (name: string, version: string): Promise<VersionRecord> => {
    const records = await list(name);
    const found = records.find((record) => record.version === version);
    if (found === undefined) throw unknownVersion(name, version, records);
    return found;
  };

  return {
    list,
    show,
    follow,

    register: async (name, version, text) => {
      const model = findLive(deployments, name);
      const { explainSecretUse } = ports;
      const models = declaredModels(deployments);
      const surroundings = { model: name, version, task: model.spec.task, models, explainSecretUse };
      const { spec, card } = parseVersion(ports.readDocument(text), surroundings);
      refuseOtherContent(model.versions.get(version), spec, ports);
      await register(spec);
      if (card !== undefined) await statuses.keepCard(projectId, name, version, canonicalJson(card));
      return show(name, version);
    },

    deprecate: async (name, version, { deprecated, sunsetAt, by, reason, revision }) => {
      const record = await show(name, version);
      if (deprecated && record.alias !== undefined) throw hasTraffic(record);
      if (revision !== undefined && revision !== record.revision) throw decidedFirst(record);
      const isWritten = await statuses.append(projectId, {
        model: name,
        version,
        revision: record.revision + 1,
        status: deprecated ? 'deprecated' : 'testing',
        ...(sunsetAt === undefined ? {} : { sunsetAt }),
        decidedBy: by,
        reason,
        createdAt: supervisor.clock.now(),
      });
      if (!isWritten) throw decidedFirst(record);
      await follow();
      return show(name, version);
    },

    ensureLive: async (name, version) => {
      const model = deployments.find(name);
      if (model === undefined) return false;
      if (model.versions.has(version)) return true;
      const declaration = await versions.findDeclaration(projectId, name, version);
      if (declaration === undefined) return false;
      // Written by the registrar from a declaration that was checked.
      const added = new VersionSupervisor(JSON.parse(declaration) as VersionSpec, supervisor);
      if (deployments.addVersion(added)) void added.start();
      return true;
    },
  };
}

function findLive(deployments: Deployments, name: string): LiveModel {
  const model = deployments.find(name);
  if (model !== undefined) return model;
  throw new ScarmonitError('unknown_model', `There is no model '${name.slice(0, 64)}'.`, { code: 'model_not_found' });
}

function declaredModels(deployments: Deployments) {
  return Object.fromEntries(
    deployments.list().map(({ spec, versions }) => [
      spec.name,
      {
        task: spec.task,
        versions: Object.fromEntries(
          [...versions.values()].map((version) => [
            version.spec.version,
            { runtime: version.spec.runtime, fallbacks: [] },
          ]),
        ),
      },
    ]),
  );
}

/** A declared version that never loaded is not registered, and yet its number is taken. */
function refuseOtherContent(
  live: VersionSupervisor | undefined,
  spec: VersionSpec,
  { hash }: Pick<VersionRegistryPorts, 'hash'>,
): void {
  if (live === undefined || identifyVersion(live.spec, hash) === identifyVersion(spec, hash)) return;
  throw new ScarmonitError(
    'conflict',
    `The manifest declares ${spec.model}@${spec.version} with other content. Register yours under another number.`,
    { code: 'version_immutable' },
  );
}

function declaredOnly(spec: VersionSpec, digest: string, createdAt: number): RegisteredVersion {
  const { model, version } = spec;
  return { model, version, digest, createdAt, declaration: JSON.stringify(spec), wasStable: false };
}

function deprecationOf({ said }: RegisteredVersion): Deprecation | undefined {
  return said?.status === 'deprecated' ? toDeprecation(said) : undefined;
}

function toDeprecation({ createdAt, sunsetAt }: VersionStatusRecord): Deprecation {
  return { since: createdAt, ...(sunsetAt === undefined ? {} : { sunsetAt }) };
}

/** Whether a version was ever stable is read off the traffic, so that a promotion need not write a second word. */
function toRecord(registered: RegisteredVersion, { traffic, versions }: LiveModel): VersionRecord {
  const { model, version, digest, createdAt, declaration, card, said, wasStable } = registered;
  const deprecation = deprecationOf(registered);
  const isStable = traffic.stable === version;
  const live = versions.get(version);
  return {
    model,
    version,
    status: deprecation !== undefined ? 'deprecated' : wasStable || isStable ? 'active' : 'testing',
    digest,
    createdAt,
    ...(isStable ? { alias: 'stable' } : traffic.candidate === version ? { alias: 'candidate' } : {}),
    ...(live === undefined ? {} : { state: live.state }),
    ...(deprecation === undefined || said === undefined
      ? {}
      : { deprecation: { ...deprecation, decidedBy: said.decidedBy, reason: said.reason } }),
    revision: said?.revision ?? 0,
    ...(declaration === undefined ? {} : { declaration: JSON.parse(declaration) as Record<string, unknown> }),
    ...(card === undefined ? {} : { card: JSON.parse(card) as ModelCard }),
  };
}

function unknownVersion(model: string, version: string, known: readonly VersionRecord[]): ScarmonitError {
  return new ScarmonitError(
    'unknown_version',
    `The model '${model}' has no version '${version.slice(0, 64)}'; there are: ${known.map((one) => one.version).join(', ')}.`,
    { code: 'version_not_found' },
  );
}

function hasTraffic({ model, version, alias }: VersionRecord): ScarmonitError {
  return new ScarmonitError(
    'conflict',
    `${model}@${version} is ${alias} now, and a deprecated version gets no traffic. Roll out another one first.`,
    { code: 'version_has_traffic' },
  );
}

function decidedFirst({ model, version }: VersionRecord): ScarmonitError {
  return new ScarmonitError(
    'conflict',
    `Somebody else decided on ${model}@${version} at the same moment. Look at it again before you decide.`,
    { code: 'revision_conflict' },
  );
}
