import { dayMs, hourMs, minuteMs } from '../metrics/windows.ts';
import type { Clock } from '../ports/clock.ts';
import type { MetricsRepository, UptimeRepository } from '../ports/metrics-repository.ts';

export interface MetricsKeeperParts {
  readonly metrics: Pick<MetricsRepository, 'fold' | 'expire'>;
  readonly uptime: Pick<UptimeRepository, 'expire'>;
  readonly clock: Pick<Clock, 'now' | 'schedule'>;
  readonly projectId: string;
  /** How long hours and days are told apart; 0: for ever. */
  readonly retentionDays: number;
  /** Told of a round that failed. The next one comes all the same. Must not throw. */
  onError(error: unknown): void;
}

export interface MetricsKeeper {
  /** Begins no further work. Resolves when what runs has ended. */
  close(): Promise<void>;
}

/** Sums figures up once a minute and forgets old ones once an hour. To be run by one process of several. */
export function startMetricsKeeper(parts: MetricsKeeperParts): MetricsKeeper {
  const { metrics, clock, projectId, onError } = parts;
  let isClosed = false;
  let running: Promise<void> = Promise.resolve();
  let cancelTimer = (): void => undefined;
  let expiredAt = clock.now() - hourMs;

  const round = async (): Promise<void> => {
    try {
      const now = clock.now();
      await metrics.fold(projectId, now);
      if (now - expiredAt >= hourMs) {
        expiredAt = now;
        await expireMetrics(parts, now, () => !isClosed);
      }
    } catch (error) {
      onError(error);
    }
    schedule();
  };

  const schedule = (): void => {
    if (isClosed) return;
    cancelTimer = clock.schedule(minuteMs, () => {
      running = round();
    });
  };

  schedule();
  return {
    close: () => {
      isClosed = true;
      cancelTimer();
      return running;
    },
  };
}

/**
 * Forgets figures that are older than the retention, part by part. For hosts that are called at their time.
 * @param mayGoOn whether the next part may begin; what is left stays for the next run
 * @throws what the repositories throw
 */
export async function expireMetrics(
  {
    metrics,
    uptime,
    projectId,
    retentionDays,
  }: Pick<MetricsKeeperParts, 'uptime' | 'projectId' | 'retentionDays'> & {
    readonly metrics: Pick<MetricsRepository, 'expire'>;
  },
  now: number,
  mayGoOn: () => boolean,
): Promise<void> {
  const keepFrom = retentionDays <= 0 ? 0 : now - retentionDays * dayMs;
  let isMore = true;
  while (isMore && mayGoOn()) isMore = await metrics.expire(projectId, now, keepFrom);
  await uptime.expire(projectId, keepFrom);
}
