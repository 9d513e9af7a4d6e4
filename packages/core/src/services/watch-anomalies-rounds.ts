import { minuteMs } from '../metrics/windows.ts';
import type { Clock } from '../ports/clock.ts';
import type { Ids } from '../ports/ids.ts';
import type { LeaseRepository } from '../ports/lease-repository.ts';
import { type AnomalyWatchPorts, judgeUsage } from './watch-anomalies.ts';
import { type DriftWatchPorts, judgeDays } from './watch-drift.ts';

export interface WatchRoundsPorts {
  readonly anomalies: AnomalyWatchPorts;
  readonly drift: DriftWatchPorts;
  readonly leases: LeaseRepository;
  readonly clock: Pick<Clock, 'now' | 'schedule'>;
  readonly ids: Pick<Ids, 'next'>;
  readonly projectId: string;
  /** Told of a round that failed; the next one comes all the same. Must not throw. */
  onError(error: unknown): void;
}

/** Whoever judged the last time goes on, and others take over when it has not for so long. */
const leaseMs = 2.5 * minuteMs;

/**
 * Makes the round of one process of several: it judges the windows and days that are complete, if no other one does.
 * @returns a function that never rejects
 */
export function createWatchRound(ports: WatchRoundsPorts): () => Promise<void> {
  const { leases, clock, ids, projectId, onError } = ports;
  const lease = `anomalies/${projectId}`;
  const holder = ids.next();
  return async () => {
    try {
      const now = clock.now();
      if (!(await leases.hold(lease, holder, now, now + leaseMs))) return;
      await judgeUsage(ports.anomalies);
      await judgeDays(ports.drift);
    } catch (error) {
      onError(error);
    }
  };
}

export interface RepeatedWork {
  /** Does it no more. Resolves when what runs has ended. */
  close(): Promise<void>;
}

/**
 * Repeats work a minute after it was done.
 * @param work never rejects
 */
export function repeatEveryMinute(clock: Pick<Clock, 'schedule'>, work: () => Promise<void>): RepeatedWork {
  let isClosed = false;
  let running: Promise<void> = Promise.resolve();
  let cancelTimer = (): void => undefined;
  const schedule = (): void => {
    if (isClosed) return;
    cancelTimer = clock.schedule(minuteMs, () => {
      running = work().finally(schedule);
    });
  };
  schedule();
  return {
    close: async () => {
      isClosed = true;
      cancelTimer();
      await running;
    },
  };
}
