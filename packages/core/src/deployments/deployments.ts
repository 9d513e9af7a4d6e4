import { ScarmonitError } from '../errors/scarmonit-error.ts';
import type { ModelSpec } from '../manifest/manifest.ts';
import { chooseVersion, type Deployment } from '../routing/choose-version.ts';
import type { VersionSupervisor } from './supervise-version.ts';

/** A model with its live versions. */
export interface LiveModel {
  readonly spec: ModelSpec;
  readonly createdAt: number;
  readonly deployment: Deployment;
  readonly versions: ReadonlyMap<string, VersionSupervisor>;
}

/** What is served right now. A plain in-memory table: looking a model up on the hot path is one map read. */
export class Deployments {
  #models: ReadonlyMap<string, LiveModel> = new Map();

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
   * The version that answers a request.
   * @throws ScarmonitError `unknown_version`, `not_ready`
   */
  route(model: LiveModel, pin: string | undefined): VersionSupervisor {
    const version = chooseVersion(model.deployment, pin);
    const supervisor = model.versions.get(version);
    if (supervisor !== undefined) return supervisor;
    throw new ScarmonitError('not_ready', `The model '${model.spec.name}' version ${version} is not loaded.`, {
      code: 'model_not_ready',
      retryAfterMs: 2_000,
    });
  }
}
