import type { Deployments } from '../deployments/deployments.ts';
import { beatEveryMs, longestGapMs } from '../metrics/uptime.ts';
import type { Clock } from '../ports/clock.ts';
import type { UptimeRepository, UptimeSpan } from '../ports/metrics-repository.ts';

export interface HeartbeatParts {
  readonly deployments: Pick<Deployments, 'list'>;
  readonly repository: Pick<UptimeRepository, 'beat'>;
  readonly clock: Pick<Clock, 'now' | 'schedule'>;
  readonly projectId: string;
  /** Of this process, and never of another. */
  readonly source: string;
  onError(error: unknown): void;
}

export interface Heartbeat {
  /** Says now which models can be served. Never rejects. */
  beat(): Promise<void>;
  /** Says it a last time, and no more. */
  close(): Promise<void>;
}

/**
 * Says every ten seconds which models this process can serve: those whose stable version is ready. What is said stretches
 * from the first heartbeat of a row to the last, so one that could not be written is made good by the next.
 */
export function startHeartbeat(parts: HeartbeatParts): Heartbeat {
  const { deployments, repository, clock, projectId, source, onError } = parts;
  let spans: ReadonlyMap<string, UptimeSpan> = new Map();
  let cancelTimer = (): void => undefined;
  let beating: Promise<void> = Promise.resolve();
  let isClosed = false;

  const beatOnce = async (): Promise<void> => {
    const now = clock.now();
    const next = new Map<string, UptimeSpan>();
    for (const { spec, traffic, versions } of deployments.list()) {
      if (versions.get(traffic.stable)?.state !== 'ready') continue;
      const before = spans.get(spec.name);
      const isSame = before !== undefined && now - before.lastAt <= longestGapMs && now >= before.lastAt;
      next.set(spec.name, { model: spec.name, startedAt: isSame ? before.startedAt : now, lastAt: now });
    }
    spans = next;
    await repository.beat(projectId, source, [...next.values()]).catch(onError);
  };

  const beat = (): Promise<void> => {
    beating = beating.then(beatOnce);
    return beating;
  };

  const schedule = (): void => {
    if (isClosed) return;
    cancelTimer = clock.schedule(beatEveryMs, () => void beat().finally(schedule));
  };

  void beat().finally(schedule);
  return {
    beat,
    async close() {
      isClosed = true;
      cancelTimer();
      await beat();
    },
  };
}
