import type { Deployments } from '@scarmonit/core/deployments/deployments';
import { MetricCounters } from '@scarmonit/core/metrics/metric-counters';
import type { Clock } from '@scarmonit/core/ports/clock';
import type { Ids } from '@scarmonit/core/ports/ids';
import type { MetricsRepository, UptimeRepository } from '@scarmonit/core/ports/metrics-repository';
import type { Prediction } from '@scarmonit/core/ports/prediction-repository';
import type { SqlDatabase } from '@scarmonit/core/ports/sql-database';
import type { AgentServices } from '@scarmonit/core/services/agent-services';
import { startHeartbeat } from '@scarmonit/core/services/beat-uptime';
import { startMetricsKeeper } from '@scarmonit/core/services/keep-metrics';
import {
  createMetricsRecorder,
  type MetricsRecorder,
  type MetricsWriterParts,
} from '@scarmonit/core/services/record-metrics';
import { createOverviewService } from '@scarmonit/core/services/report-overview';
import { createFeedbackScoreRepository } from '@scarmonit/store/metrics-feedback-repository';
import { createMetricsRepository } from '@scarmonit/store/metrics-repository';
import { createUptimeRepository } from '@scarmonit/store/metrics-uptime-repository';

export interface CountingParts {
  readonly database: SqlDatabase;
  readonly projectId: string;
  readonly clock: Clock;
  readonly ids: Pick<Ids, 'next'>;
  readonly log: (level: 'error', message: string, details: Readonly<Record<string, unknown>>) => void;
}

/** What counts requests in this process and no other: a restarted one is another source. */
export function composeCounting({ database, ids, log, ...parts }: CountingParts): MetricsWriterParts {
  return {
    ...parts,
    counters: new MetricCounters(ids.next()),
    repository: createMetricsRepository(database),
    onError: (error, lost) =>
      log('error', 'figures could not be written; they are written again', { err: error, lost }),
  };
}

export interface MetricsParts extends CountingParts {
  readonly deployments: Pick<Deployments, 'list' | 'find'>;
  readonly retentionDays: number;
  /** Told of each request as it ended, beside the figures. Never waits, never throws. */
  onSlow?(prediction: Prediction): void;
}

/** The parts of a process that keeps figures, for itself and for others that only count. */
export interface ComposedMetrics {
  readonly services: Pick<AgentServices, 'overview'>;
  readonly metrics: MetricsRepository;
  readonly record: MetricsRecorder['record'];
  readonly recordRefusal: MetricsRecorder['recordRefusal'];
  /** To be called when a version became ready, or is no longer. Never rejects. */
  noteState(): void;
  /** Says a last time what serves. To be called before versions are unloaded. Never rejects. */
  endService(): Promise<void>;
  /** Writes what is left. To be called before the store is closed. Never rejects. */
  close(): Promise<void>;
}

/** How often a process says that it serves; a failure shorter than this may go unseen. */
const beatEveryMs = 10_000;

/** Figures of a host whose process stays: counted and written here, summed up and forgotten in time. */
export function composeMetrics(parts: MetricsParts): ComposedMetrics {
  const { database, projectId, clock, ids, log, deployments, retentionDays } = parts;
  const counting = composeCounting(parts);
  const recorder = createMetricsRecorder({ ...counting, clock, ...(parts.onSlow ? { onSlow: parts.onSlow } : {}) });
  const metrics = createMetricsRepository(database);
  const uptime = createUptimeRepository(database);
  const heartbeat = startHeartbeat({
    deployments,
    repository: uptime,
    clock,
    projectId,
    source: ids.next(),
    beatEveryMs,
    onError: (error) => log('error', 'a heartbeat could not be written; the next one stands for it', { err: error }),
  });
  const keeper = startMetricsKeeper({
    metrics,
    uptime,
    clock,
    projectId,
    retentionDays,
    onError: (error) => log('error', 'figures could not be summed up; it is tried again in a minute', { err: error }),
  });
  return {
    services: { overview: composeOverview({ ...parts, metrics, uptime, beatEveryMs, flush: recorder.flush }) },
    metrics,
    record: recorder.record,
    recordRefusal: recorder.recordRefusal,
    noteState: () => void heartbeat.beat(),
    endService: () => heartbeat.close(),
    close: async () => {
      await keeper.close();
      await recorder.close();
    },
  };
}

export interface OverviewParts extends Pick<MetricsParts, 'database' | 'projectId' | 'clock' | 'deployments'> {
  readonly metrics: MetricsRepository;
  readonly uptime: UptimeRepository;
  readonly beatEveryMs: number;
  /** Writes what was counted here. */
  flush(): Promise<void>;
}

export function composeOverview({ database, ...ports }: OverviewParts): AgentServices['overview'] {
  return createOverviewService({ ...ports, scores: createFeedbackScoreRepository(database) });
}
