import type { Clock } from '../ports/clock.ts';
import type { LeaseRepository } from '../ports/lease-repository.ts';
import type { Rollout } from '../rollouts/rollout.ts';
import type { RolloutCounters } from '../rollouts/rollout-counters.ts';
import type { Traffic } from '../routing/traffic.ts';
import { type ReconcilePorts, reconcileRollout } from './reconcile-rollout.ts';
import type { UndeclaredVersions } from './retire-versions.ts';
import { createFactsWriter } from './write-facts.ts';

export interface RolloutRunnerPorts extends ReconcilePorts {
  readonly clock: Clock;
  readonly counters: RolloutCounters;
  readonly leases: LeaseRepository;
  /** Absent where versions come and go by other means, such as the table of another process. */
  readonly undeclared?: UndeclaredVersions;
  /** Told of what a round failed with; the next round tries again. Must not throw. */
  onError(error: unknown): void;
}

export interface RolloutRunner {
  /** Runs a round now, unless one runs already, and from then on regularly. */
  wake(): void;
  /** One round: counts are written, traffic is read, and the leader moves what is due. */
  round(): Promise<void>;
  /** Ends the rounds; writes what was counted, gives the lease back. */
  close(): Promise<void>;
}

/** The rounds of one process, for hosts that have a timer of their own. */
export interface RolloutRounds {
  /**
   * Writes the counts, reads the traffic, and moves what is due where this process holds the lease.
   * @returns whether any rollout is open, and another round soon called for
   */
  round(): Promise<boolean>;
  /** Writes what was counted, gives the lease back. Never rejects. */
  close(): Promise<void>;
}

/** With an open rollout a failure is acted on within this time and one round. */
const busyEveryMs = 500;
/** How often the store is asked whether anybody has started a rollout. */
const idleEveryMs = 2_000;
/** A leader that was killed is missed for so long; two that believe to lead do no harm, since each revision is written once. */
const leaseMs = 3_000;

/**
 * Drives all rollouts of a project. Every process counts its own requests and follows the traffic; the one that holds the
 * lease decides.
 */
export function createRolloutRunner(ports: RolloutRunnerPorts): RolloutRunner {
  const { clock } = ports;
  const rounds = createRolloutRounds(ports);
  let cancelTimer: (() => void) | undefined;
  let running: Promise<void> | undefined;
  let isClosed = false;
  let isBusy = false;

  const round = async (): Promise<void> => {
    isBusy = await rounds.round();
  };

  const runOnce = (): Promise<void> => {
    if (isClosed) return Promise.resolve();
    running ??= round()
      .catch(ports.onError)
      .finally(() => {
        running = undefined;
        plan();
      });
    return running;
  };

  const plan = (): void => {
    cancelTimer?.();
    if (!isClosed) cancelTimer = clock.schedule(isBusy ? busyEveryMs : idleEveryMs, () => void runOnce());
  };

  return {
    wake: () => void runOnce(),
    round: runOnce,
    close: async () => {
      isClosed = true;
      cancelTimer?.();
      await running;
      await rounds.close();
    },
  };
}

/**
 * @param model the only model whose rollouts are moved here, where each model has a leader of its own; absent: all of them
 */
export function createRolloutRounds(ports: RolloutRunnerPorts, model?: string): RolloutRounds {
  const { clock, counters, leases, projectId, ids } = ports;
  const lease = model === undefined ? `rollouts/${projectId}` : `rollouts/${projectId}/${model}`;
  const holder = ids.next();
  const writeFacts = createFactsWriter(counters, ports.facts, holder);
  return {
    round: async () => {
      const open = await followOpenRollouts(ports);
      await writeFacts();
      const own = open.filter((rollout) => model === undefined || rollout.model === model);
      if (own.length === 0) return false;
      if (!(await leases.hold(lease, holder, clock.now(), clock.now() + leaseMs))) return true;
      // One that cannot be judged must not keep the others from being rolled back.
      for (const { id } of own) await settleRollout(id, ports).catch(ports.onError);
      return true;
    },
    close: async () => {
      try {
        await writeFacts('cut');
        await leases.release(lease, holder);
        await ports.undeclared?.drained();
      } catch (error) {
        ports.onError(error);
      }
    },
  };
}

/**
 * Learns of rollouts that others began or moved, of the traffic they set, and of the versions that it needs.
 * @returns the rollouts that are open
 */
export async function followOpenRollouts(ports: FollowingPorts): Promise<readonly Rollout[]> {
  const { projectId, rollouts, counters, recent, undeclared, onError } = ports;
  await undeclared?.follow();
  const found = await rollouts.listOpen(projectId);
  const open = found.map(({ rollout }) => rollout);
  counters.keepOnly(found.map(({ rollout, state: { renewedFrom } }) => ({ ...rollout, renewedFrom })));
  recent.keepOnly(new Set(open.map(({ id }) => id)));
  for (const traffic of await rollouts.currentTraffic(projectId)) {
    // A model whose versions cannot be had must not keep the others from following theirs.
    await followTraffic(traffic, ports).catch(onError);
  }
  return open;
}

type FollowingPorts = Pick<
  RolloutRunnerPorts,
  'projectId' | 'rollouts' | 'deployments' | 'counters' | 'recent' | 'undeclared' | 'onError'
>;

/** What gets traffic is live before; what gets none any more goes afterwards. */
async function followTraffic(
  traffic: Traffic,
  { deployments, undeclared }: Pick<FollowingPorts, 'deployments' | 'undeclared'>,
): Promise<void> {
  const needed = await undeclared?.ensure(traffic);
  deployments.setTraffic(traffic);
  if (needed !== undefined) undeclared?.retire(traffic.model, needed);
}

/** Moves a rollout as often as it can go on at once; a healthy one has a handful of stages. */
async function settleRollout(rolloutId: string, ports: ReconcilePorts): Promise<void> {
  const mostMoves = 4;
  for (let moves = 0; moves < mostMoves; moves += 1) {
    if (!(await reconcileRollout(rolloutId, ports))) return;
  }
}
