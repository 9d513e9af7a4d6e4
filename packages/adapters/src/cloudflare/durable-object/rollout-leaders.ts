import type { Clock } from '@scarmonit/core/ports/clock';
import type { DeploymentCoordinatorObject } from './deployment-coordinator-object.ts';

export interface RolloutLeadersParts {
  readonly namespace: DurableObjectNamespace<DeploymentCoordinatorObject>;
  readonly clock: Pick<Clock, 'now'>;
  onError(error: unknown): void;
}

/** How one isolate sees to it that the rollouts of each model are led. */
export interface RolloutLeaders {
  /** Has the rollouts of these models led from now on. Never rejects: whoever serves them reminds their leaders. */
  call(models: readonly string[]): Promise<void>;
  /** The same for those that this isolate has not called lately. */
  remind(models: readonly string[]): Promise<void>;
}

const remindAfterMs = 15_000;

export function createRolloutLeaders({ namespace, clock, onError }: RolloutLeadersParts): RolloutLeaders {
  let called = new Map<string, number>();

  const call = async (model: string): Promise<void> => {
    called.set(model, clock.now());
    try {
      await namespace.get(namespace.idFromName(model)).lead(model);
    } catch (error) {
      called.delete(model);
      onError(error);
    }
  };

  return {
    call: async (models) => {
      await Promise.all(models.map(call));
    },
    remind: async (models) => {
      const wanted = new Set(models);
      called = new Map([...called].filter(([model]) => wanted.has(model)));
      const due = [...wanted].filter((model) => clock.now() - (called.get(model) ?? -remindAfterMs) >= remindAfterMs);
      await Promise.all(due.map(call));
    },
  };
}
