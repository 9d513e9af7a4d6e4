import type { Deployments } from '../deployments/deployments.ts';
import type { HealthService } from './agent-services.ts';

export interface HealthPorts {
  readonly deployments: Deployments;
  /** Rejects when the store cannot be read. */
  readonly checkStore: () => Promise<void> | void;
}

/** Ready when every model's stable version is, the store is readable, and the host is neither starting nor draining. */
export function createHealthService({ deployments, checkStore }: HealthPorts): HealthService & HealthSwitch {
  let phase: HostPhase = 'starting';
  return {
    enter: (next) => {
      phase = next;
    },
    readiness: async () => {
      const reasons: string[] = phase === 'serving' ? [] : [phase];
      for (const { spec, deployment, versions } of deployments.list()) {
        const state = versions.get(deployment.stable)?.state ?? 'pending';
        if (state !== 'ready') reasons.push(`${spec.name}@${deployment.stable} is ${state}`);
      }
      try {
        await checkStore();
      } catch {
        reasons.push('the store cannot be read');
      }
      return { ready: reasons.length === 0, reasons };
    },
  };
}

export type HostPhase = 'starting' | 'serving' | 'draining';

/** The host's own part of readiness. */
export interface HealthSwitch {
  enter(phase: HostPhase): void;
}
