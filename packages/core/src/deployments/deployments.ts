import { ScarmonitError } from '../errors/scarmonit-error.ts';
import type { ModelSpec } from '../manifest/manifest.ts';
import { chooseVersion } from '../routing/choose-version.ts';
import type { Traffic } from '../routing/traffic.ts';
import type { Deprecation } from '../services/agent-services.ts';
import type { VersionSupervisor } from './supervise-version.ts';

/** A model with its live versions. */
export interface LiveModel {
  readonly spec: ModelSpec;
  /** When its first version was registered; until then, when it was first declared here. Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly traffic: Traffic;
  readonly versions: ReadonlyMap<string, VersionSupervisor>;
}

/** What is served right now. A plain in-memory table: looking a model up on the hot path is one map read. */
export class Deployments {
  #models: ReadonlyMap<string, LiveModel> = new Map();
  #deprecations: ReadonlyMap<string, Deprecation> = new Map();
  #keepers = 0;

  list(): readonly LiveModel[] {
    return [...this.#models.values()];
  }

  find(name: string): LiveModel | undefined {
    return this.#models.get(name);
  }

  /** Puts a whole new table in place at once; requests see either the old one or the new one. */
  replace(models: readonly LiveModel[]): void {
    this.#models = new Map(models.map((model) => [model.spec.name, model]));
  }

  /**
   * Adds a version to a model that is live, so that it can be pinned and rolled out to. It gets no traffic by that.
   * @returns false when there is no such model, or it has a version of that number already; nothing has changed then
   */
  addVersion(supervisor: VersionSupervisor): boolean {
    const { model: name, version } = supervisor.spec;
    const model = this.#models.get(name);
    if (model === undefined || model.versions.has(version)) return false;
    const versions = new Map(model.versions).set(version, supervisor);
    this.#models = new Map(this.#models).set(name, { ...model, versions });
    return true;
  }

  /**
   * Takes a version out of the table; from then on no request finds it. Whoever takes it out unloads it.
   * @returns undefined when there is none, or while work runs that needs all versions; nothing has changed then
   */
  removeVersion(name: string, version: string): VersionSupervisor | undefined {
    const model = this.#models.get(name);
    const supervisor = model?.versions.get(version);
    if (this.#keepers > 0 || model === undefined || supervisor === undefined) return undefined;
    const versions = new Map(model.versions);
    versions.delete(version);
    this.#models = new Map(this.#models).set(name, { ...model, versions });
    return supervisor;
  }

  /** Runs work that looks at the table and relies later on what it saw: meanwhile no version is taken out. */
  async keepAll<T>(work: () => Promise<T>): Promise<T> {
    this.#keepers += 1;
    try {
      return await work();
    } finally {
      this.#keepers -= 1;
    }
  }

  /** Takes note of which versions are deprecated, by `model@version`. */
  setDeprecations(deprecations: ReadonlyMap<string, Deprecation>): void {
    this.#deprecations = deprecations;
  }

  get deprecations(): ReadonlyMap<string, Deprecation> {
    return this.#deprecations;
  }

  /** Undefined for a version that is in use. */
  findDeprecation(model: string, version: string): Deprecation | undefined {
    return this.#deprecations.size === 0 ? undefined : this.#deprecations.get(`${model}@${version}`);
  }

  /**
   * Puts a model's traffic in force. What is older than what is in force, or for a model or a version that is not here
   * (yet), changes nothing: the next table brings it.
   */
  setTraffic(traffic: Traffic): void {
    const model = this.#models.get(traffic.model);
    if (model === undefined || model.traffic.revision >= traffic.revision) return;
    if (!model.versions.has(traffic.stable)) return;
    this.#models = new Map(this.#models).set(traffic.model, { ...model, traffic });
  }

  /**
   * The version that a request pins.
   * @param pin value of `X-Model-Version`
   * @throws ScarmonitError `unknown_version`, `not_ready`
   */
  routePinned(model: LiveModel, pin: string): VersionSupervisor {
    return this.route(model, chooseVersion(model, pin));
  }

  /**
   * The version that a request was assigned to.
   * @throws ScarmonitError `not_ready`
   */
  route(model: LiveModel, version: string): VersionSupervisor {
    const supervisor = model.versions.get(version);
    if (supervisor !== undefined) return supervisor;
    throw new ScarmonitError('not_ready', `The model '${model.spec.name}' version ${version} is not loaded.`, {
      code: 'model_not_ready',
      retryAfterMs: 2_000,
    });
  }
}
