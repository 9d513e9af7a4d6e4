import { Deployments, type LiveModel } from '@scarmonit/core/deployments/deployments';
import type { Traffic } from '@scarmonit/core/routing/traffic';

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

  override setTraffic(traffic: Traffic): void {
    const before = this.find(traffic.model);
    super.setTraffic(traffic);
    if (this.find(traffic.model) !== before) this.#onChange();
  }
}
