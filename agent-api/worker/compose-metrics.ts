import type { RefusalReason } from '@scarmonit/core/metrics/refusals';
import type { Prediction } from '@scarmonit/core/ports/prediction-repository';
import type { AgentServices } from '@scarmonit/core/services/agent-services';
import { beatOnce } from '@scarmonit/core/services/beat-uptime';
import { expireMetrics } from '@scarmonit/core/services/keep-metrics';
import { writeMetrics } from '@scarmonit/core/services/record-metrics';
import { createMetricsRepository } from '@scarmonit/store/metrics-repository';
import { createUptimeRepository } from '@scarmonit/store/metrics-uptime-repository';
import { composeCounting, composeOverview, type MetricsParts } from '../compose-metrics.ts';

/** Figures of one isolate, and what the cron trigger does for those of all. */
export interface IsolateMetrics {
  readonly services: Pick<AgentServices, 'overview'>;
  count(prediction: Prediction): void;
  /**
   * Counts a request that was refused before a version was chosen. Resolves when that is written; never rejects. Such
   * requests come in floods, and are written less often for it.
   */
  countRefusal(reason: RefusalReason): Promise<void>;
  /** Writes what was counted. Never rejects: it is part of the next write then. */
  flush(): Promise<void>;
  /** Says which models can be served, and sums figures up. @param now milliseconds since the Unix epoch */
  everyMinute(now: number): Promise<void>;
  /** Forgets figures that are old enough. */
  everyHour(now: number): Promise<void>;
}

/** The cron trigger's period. */
const beatEveryMs = 60_000;
/** Parts that one invocation forgets at the most; the next hour goes on. */
const mostParts = 10;
/** Refusals of this time are written together. */
const gatherMs = 10_000;

export function composeIsolateMetrics(parts: MetricsParts): IsolateMetrics {
  const { database, projectId, deployments, retentionDays, clock } = parts;
  const counting = composeCounting(parts);
  const metrics = createMetricsRepository(database);
  const uptime = createUptimeRepository(database);
  const flush = (): Promise<void> => writeMetrics(counting).catch(() => undefined);
  let refusalsWrittenAt = Number.NEGATIVE_INFINITY;
  return {
    services: { overview: composeOverview({ ...parts, metrics, uptime, beatEveryMs, flush }) },
    count: (prediction) => {
      counting.counters.count(prediction);
      parts.onSlow?.(prediction);
    },
    countRefusal: async (reason) => {
      counting.counters.countRefusal(reason, clock.now());
      const waitMs = refusalsWrittenAt + gatherMs - clock.now();
      if (waitMs > 0) await new Promise<void>((resolve) => void clock.schedule(waitMs, resolve));
      refusalsWrittenAt = clock.now();
      await flush();
    },
    flush,
    everyMinute: async (now) => {
      // Whichever isolate the trigger wakes goes on with what the last one said.
      await beatOnce({ deployments, repository: uptime, projectId, source: 'cron', beatEveryMs }, now);
      await metrics.fold(projectId, now);
    },
    everyHour: async (now) => {
      let begun = 0;
      await expireMetrics({ metrics, uptime, projectId, retentionDays }, now, () => begun++ < mostParts);
    },
  };
}
