import type { AlertSource } from '@scarmonit/core/alerts/alert-source';
import type { DiskSpace } from '@scarmonit/core/alerts/disk-rule';
import type { NotificationChannel } from '@scarmonit/core/ports/notifier';
import type { SqlDatabase } from '@scarmonit/core/ports/sql-database';
import type { AgentServices } from '@scarmonit/core/services/agent-services';
import { createAlertService } from '@scarmonit/core/services/manage-alerts';
import type { AlertRoundPorts } from '@scarmonit/core/services/watch-alerts';
import { createGoalSource } from '@scarmonit/core/services/watch-alerts-goals';
import {
  createDiskSource,
  createKeySource,
  createScheduleSource,
  createVersionSource,
} from '@scarmonit/core/services/watch-alerts-sources';
import { createAlertRepository } from '@scarmonit/store/alert-repository';
import { createMetricsRepository } from '@scarmonit/store/metrics-repository';
import type { ComposedRollouts } from './compose-rollouts.ts';

export interface AlertParts {
  readonly database: SqlDatabase;
  readonly rollouts: Pick<ComposedRollouts, 'ports'>;
  readonly keys: Pick<AgentServices['keys'], 'list'>;
  readonly channels: readonly NotificationChannel[];
  /** Of the file system that the data directory is on, where there is one. */
  readSpace?(): Promise<DiskSpace>;
  readonly log: (level: 'info' | 'error', message: string, details: Readonly<Record<string, unknown>>) => void;
}

/** The parts of the app that watch the rules and tell people, alike on both hosts. */
export interface ComposedAlerts {
  readonly services: Pick<AgentServices, 'alerts'>;
  /** With what it takes to run rounds here. */
  readonly ports: AlertRoundPorts;
}

export function composeAlerts({ database, rollouts, keys, channels, readSpace, log }: AlertParts): ComposedAlerts {
  const { deployments, clock, projectId } = rollouts.ports;
  const metrics = createMetricsRepository(database);
  const sources: readonly AlertSource[] = [
    createGoalSource({ metrics, deployments, projectId }),
    createVersionSource(deployments),
    createKeySource({ listKeys: () => keys.list(projectId), metrics, clock, projectId }),
    createScheduleSource(rollouts.ports),
    ...(readSpace === undefined ? [] : [createDiskSource(readSpace)]),
  ];
  const ports: AlertRoundPorts = {
    ...rollouts.ports,
    alerts: createAlertRepository(database),
    sources,
    channels,
    isReady: () => deployments.list().length > 0,
    onChange: ({ id, ruleId, state, summary, deliveries }) =>
      log(deliveries.some(({ delivered }) => !delivered) ? 'error' : 'info', 'an alert changed', {
        alertId: id,
        rule: ruleId,
        state,
        summary,
        deliveries,
      }),
    onError: (error) => log('error', 'alerts could not be looked at; they are looked at again', { err: error }),
  };
  return { services: { alerts: createAlertService({ ...rollouts.ports, ...ports }) }, ports };
}
