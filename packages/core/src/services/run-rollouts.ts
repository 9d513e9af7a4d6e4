import type { Clock } from '../ports/clock.ts';
import type { LeaseRepository } from '../ports/lease-repository.ts';
import type { RolloutFactsRepository } from '../ports/rollout-facts-repository.ts';
import type { RolloutCounters } from '../rollouts/rollout-counters.ts';
import { type ReconcilePorts, reconcileRollout } from './reconcile-rollout.ts';

export interface RolloutRunnerPorts extends ReconcilePorts {
  readonly clock: Clock;
  readonly counters: RolloutCounters;
  readonly leases: LeaseRepository;
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

/** With an open rollout a failure is acted on within this time and one round. */
const busyEveryMs = 500;
/** How often the store is asked whether anybody has started a rollout. */
const idleEveryMs = 2_000;
const leaseMs = 10_000;

/**
 * Drives all rollouts of a project. Every process counts its own requests and follows the traffic; the one that holds the
 * lease decides.
 */
export function createRolloutRunner(ports: RolloutRunnerPorts): RolloutRunner {
  const { clock, counters, leases, projectId, ids } = ports;
  const lease = `rollouts/${projectId}`;
  const holder = ids.next();
  const writeFacts = createFactsWriter(counters, ports.facts, holder);
  let cancelTimer: (() => void) | undefined;
  let running: Promise<void> | undefined;
  let isClosed = false;
  let isBusy = false;

  const round = async (): Promise<void> => {
    const open = await followOpenRollouts(ports);
    isBusy = open.length > 0;
    await writeFacts();
    if (!isBusy || !(await leases.hold(lease, holder, clock.now(), clock.now() + leaseMs))) return;
    for (const rolloutId of open) await settleRollout(rolloutId, ports);
  };

  const runOnce = (): Promise<void> => {
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
      try {
        await writeFacts('cut');
        await leases.release(lease, holder);
      } catch (error) {
        ports.onError(error);
      }
    },
  };
}

/** Learns of rollouts that others began or moved. @returns the ids of those that are open */
async function followOpenRollouts({
  projectId,
  rollouts,
  deployments,
  counters,
  recent,
}: RolloutRunnerPorts): Promise<readonly string[]> {
  const open = await rollouts.listOpen(projectId);
  counters.keepOnly(open.map(({ rollout }) => rollout));
  recent.keepOnly(new Set(open.map(({ rollout }) => rollout.id)));
  for (const traffic of await rollouts.currentTraffic(projectId)) deployments.setTraffic(traffic);
  return open.map(({ rollout }) => rollout.id);
}

/** Moves a rollout as often as it can go on at once; a healthy one has a handful of stages. */
async function settleRollout(rolloutId: string, ports: ReconcilePorts): Promise<void> {
  const mostMoves = 4;
  for (let moves = 0; moves < mostMoves; moves += 1) {
    if (!(await reconcileRollout(rolloutId, ports))) return;
  }
}

/** Writes what was counted, each flush under the next number of this process, and the same flush again if it failed. */
function createFactsWriter(
  counters: RolloutCounters,
  facts: RolloutFactsRepository,
  source: string,
): (cut?: 'cut') => Promise<void> {
  const sequences = new Map<string, number>();
  const waiting: Parameters<RolloutFactsRepository['add']>[0][] = [];
  return async (cut) => {
    for (const { rolloutId, folded, crashes } of counters.drain(cut)) {
      const sequence = (sequences.get(rolloutId) ?? 0) + 1;
      sequences.set(rolloutId, sequence);
      const { exposures, buckets } = folded.facts;
      waiting.push({ rolloutId, source, sequence, exposures, buckets, crashes, sightings: folded.sightings });
    }
    for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
      await facts.add(next);
      waiting.shift();
    }
  };
}
