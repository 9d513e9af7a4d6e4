import type { Deployments } from '@scarmonit/core/deployments/deployments';
import type { Clock } from '@scarmonit/core/ports/clock';
import type { SqlDatabase } from '@scarmonit/core/ports/sql-database';
import type { AgentServices } from '@scarmonit/core/services/agent-services';
import type { ProcessFigures } from '@scarmonit/core/telemetry/describe-processes';
import { createExpositionService } from '@scarmonit/core/telemetry/expose-metrics';
import { createMetricsRepository } from '@scarmonit/store/metrics-repository';

export interface ExpositionParts {
  readonly database: SqlDatabase;
  readonly projectId: string;
  readonly clock: Clock;
  readonly deployments: Pick<Deployments, 'list'>;
  readonly host: 'node' | 'cloudflare';
  measureProcesses?(): Promise<readonly ProcessFigures[]>;
}

/** What collectors of figures are shown, alike on both hosts. */
export function composeExposition({ database, ...ports }: ExpositionParts): Pick<AgentServices, 'exposition'> {
  return { exposition: createExpositionService({ ...ports, metrics: createMetricsRepository(database) }) };
}
