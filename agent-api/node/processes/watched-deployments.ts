import { Deployments, type LiveModel } from '@scarmonit/core/deployments/deployments';
import type { VersionSupervisor } from '@scarmonit/core/deployments/supervise-version';
import { canonicalJson } from '@scarmonit/core/manifest/canonical-json';
import type { Traffic } from '@scarmonit/core/routing/traffic';
import type { Deprecation } from '@scarmonit/core/services/agent-services';

/** Deployments that tell of each change. */
export class WatchedDeployments extends Deployments {
  readonly #onChange: () => void;

  constructor(onChange: () => void) {
    super();
    this.#onChange = onChange;
  }

  override replace(models: readonly LiveModel[]): void {
    super.replace(models);
    this.#onChange();
  }

  override addVersion(supervisor: VersionSupervisor): boolean {
    const isAdded = super.addVersion(supervisor);
    if (isAdded) this.#onChange();
    return isAdded;
  }

  override removeVersion(name: string, version: string): VersionSupervisor | undefined {
    const removed = super.removeVersion(name, version);
    if (removed !== undefined) this.#onChange();
    return removed;
  }

  /** They are read again in every round, and seldom anything has changed. */
  override setDeprecations(deprecations: ReadonlyMap<string, Deprecation>): void {
    const before = canonicalJson(Object.fromEntries(this.deprecations));
    super.setDeprecations(deprecations);
    if (canonicalJson(Object.fromEntries(deprecations)) !== before) this.#onChange();
  }

  override setTraffic(traffic: Traffic): void {
    const before = this.find(traffic.model);
    super.setTraffic(traffic);
    if (this.find(traffic.model) !== before) this.#onChange();
  }
}
