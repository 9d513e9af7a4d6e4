import { DeploymentCoordinatorObject } from '@scarmonit/adapters/cloudflare/durable-object/deployment-coordinator-object';
import type { Notification } from '@scarmonit/core/ports/notifier';
import { type ComposedApp, compose } from './compose.ts';
import type { Env } from './env.ts';
import { log } from './log.ts';
import { nameDeliverer } from './notify.ts';

/** Leads the rollouts of one model and delivers what is told of it, with the same parts as the isolates that answer. */
export class DeploymentCoordinator extends DeploymentCoordinatorObject<Env> {
  #app: ComposedApp | undefined;

  override async deliver(notification: Notification): Promise<void> {
    this.#app ??= compose(this.env, 'delivers');
    this.#app.deliver(notification);
    // It stays awake until everything is delivered or given up.
    await this.lead(nameDeliverer(notification));
  }

  protected override async runRound(model: string): Promise<boolean> {
    try {
      this.#app ??= compose(this.env, 'delivers');
      await this.#app.prepare();
      return await this.#app.leadRollouts(model);
    } catch (error) {
      log('error', 'a round of the rollouts failed; it is tried again', { model, error });
      throw error;
    }
  }
}
