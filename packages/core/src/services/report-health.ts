import type { Deployments } from '../deployments/deployments.ts';
import type { Clock } from '../ports/clock.ts';
import type { HealthService } from './agent-services.ts';

export interface HealthPorts {
  readonly deployments: Deployments;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  /** Rejects when the store cannot be read. */
  readonly checkStore: () => Promise<void> | void;
}

/** Anyone may ask for readiness, so the store is asked once in so long whatever they do. */
const storeCheckMs = 1_000;

/** Ready when every model's stable version is, the store is readable, and the host is neither starting nor draining. */
export function createHealthService({ deployments, clock, checkStore }: HealthPorts): HealthService & HealthSwitch {
  let phase: HostPhase = 'starting';
  let checkedAt = Number.NEGATIVE_INFINITY;
  let storeIsSound: Promise<boolean> = Promise.resolve(true);

  const askStore = (): Promise<boolean> => {
    if (clock.monotonicMs() - checkedAt < storeCheckMs) return storeIsSound;
    checkedAt = clock.monotonicMs();
    storeIsSound = Promise.resolve()
      .then(checkStore)
      .then(
        () => true,
        () => false,
      );
    return storeIsSound;
  };
  return {
    enter: (next) => {
      phase = next;
    },
    readiness: async () => {
      const reasons: string[] = phase === 'serving' ? [] : [phase];
      const models = deployments.list();
      const unready = models.filter(({ traffic, versions }) => versions.get(traffic.stable)?.state !== 'ready');
      // No names: strangers may ask, and which models there are is not theirs to know.
      if (unready.length > 0) reasons.push(`${unready.length} of ${models.length} models are not ready`);
      if (!(await askStore())) reasons.push('the store cannot be read');
      return { ready: reasons.length === 0, reasons };
    },
  };
}

export type HostPhase = 'starting' | 'serving' | 'draining';

/** The host's own part of readiness. */
export interface HealthSwitch {
  enter(phase: HostPhase): void;
}
