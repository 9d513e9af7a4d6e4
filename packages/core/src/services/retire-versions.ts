import type { Deployments } from '../deployments/deployments.ts';
import type { VersionSupervisor } from '../deployments/supervise-version.ts';
import type { Clock } from '../ports/clock.ts';
import type { RolloutRepository, RolloutWithState } from '../ports/rollout-repository.ts';
import type { Traffic } from '../routing/traffic.ts';
import type { VersionRegistry } from './version-registry.ts';

export interface NeededPorts {
  readonly projectId: string;
  readonly rollouts: Pick<RolloutRepository, 'findRollout'>;
  readonly clock: Pick<Clock, 'now'>;
}

/**
 * The versions that must be live whether or not the manifest declares them: stable, the candidate, and for the plan's
 * retention time after a promotion, or until it is confirmed, the version that was stable before. It follows from the
 * store alone, so that a restart keeps the promise.
 */
export async function findNeededVersions(
  { stable, candidate, rolloutId }: Traffic,
  { projectId, rollouts, clock }: NeededPorts,
): Promise<ReadonlySet<string>> {
  if (candidate !== undefined) return new Set([stable, candidate]);
  const made = rolloutId === undefined ? undefined : await rollouts.findRollout(projectId, rolloutId);
  return new Set(made !== undefined && isKeptWarm(made, clock.now()) ? [stable, made.rollout.from] : [stable]);
}

function isKeptWarm(
  { rollout: { plan }, state: { phase, provisional, since } }: RolloutWithState,
  now: number,
): boolean {
  return phase === 'active' && (provisional || now < since + plan.retentionMs);
}

/** Beside what the manifest declares, a process has live what the traffic needs, and no more. */
export interface UndeclaredVersions {
  /** Learns which versions others have deprecated. */
  follow(): Promise<void>;
  /** Makes live, and begins to load, what a model's traffic needs. @returns it */
  ensure(traffic: Traffic): Promise<ReadonlySet<string>>;
  /** Takes out what a model does not need, and neither declares, and unloads it once nothing is in flight. Does not wait. */
  retire(model: string, needed: ReadonlySet<string>): void;
  /** Resolves when what was taken out is unloaded. */
  drained(): Promise<void>;
}

export interface UndeclaredPorts extends NeededPorts {
  readonly deployments: Deployments;
  readonly registry: Pick<VersionRegistry, 'follow' | 'ensureLive'>;
  /** Called with what a version failed with while it was unloaded. Must not throw. */
  onUnloadError(error: unknown): void;
}

export function createUndeclaredVersions(ports: UndeclaredPorts): UndeclaredVersions {
  const { deployments, registry, onUnloadError } = ports;
  const draining = new Set<Promise<void>>();
  // What traffic needs can only become less while it stays the same: with nothing but stable there is no more to ask.
  const settled = new Map<string, number>();

  const drain = (supervisor: VersionSupervisor): void => {
    const drained = supervisor.stop().catch(onUnloadError);
    draining.add(drained);
    void drained.then(() => draining.delete(drained));
  };
  return {
    follow: registry.follow,

    ensure: async (traffic) => {
      const { model, revision, stable } = traffic;
      const isSettled = settled.get(model) === revision;
      const needed = isSettled ? new Set([stable]) : await findNeededVersions(traffic, ports);
      if (needed.size === 1) settled.set(model, revision);
      for (const version of needed) await registry.ensureLive(model, version);
      return needed;
    },

    retire: (name, needed) => {
      const model = deployments.find(name);
      if (model === undefined) return;
      const { spec, traffic, versions } = model;
      const declared = new Set(spec.versions.map(({ version }) => version));
      for (const version of versions.keys()) {
        const isInForce = version === traffic.stable || version === traffic.candidate;
        if (isInForce || needed.has(version) || declared.has(version)) continue;
        const removed = deployments.removeVersion(name, version);
        if (removed !== undefined) drain(removed);
      }
    },

    drained: async () => {
      await Promise.all(draining);
    },
  };
}
