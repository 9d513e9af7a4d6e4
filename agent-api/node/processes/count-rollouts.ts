import { Deployments } from '@scarmonit/core/deployments/deployments';
import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import { defaultProjectId as projectId } from '@scarmonit/core/keys/default-project';
import type { Clock } from '@scarmonit/core/ports/clock';
import type { Hash } from '@scarmonit/core/ports/hash';
import type { Ids } from '@scarmonit/core/ports/ids';
import type { LeaseRepository } from '@scarmonit/core/ports/lease-repository';
import type { Signer } from '@scarmonit/core/ports/signer';
import type { SqlDatabase } from '@scarmonit/core/ports/sql-database';
import type { AssignRequest } from '@scarmonit/core/routing/assign-request';
import { createRolloutRunner } from '@scarmonit/core/services/run-rollouts';
import type { Logger } from 'pino';
import { composeRollouts } from '../../compose-rollouts.ts';

export interface CountRolloutsParts {
  readonly database: SqlDatabase;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly hash: Hash;
  readonly logger: Logger;
  readonly deployments: Deployments;
}

/** The part in rollouts of a process that never decides: it assigns requests, counts them, and writes its counts. */
export interface RolloutCounting {
  readonly assign: AssignRequest;
  /** Learns which rollouts are open and writes what was counted; from the first time on, regularly. */
  round(): Promise<void>;
  /** Writes what was counted. */
  close(): Promise<void>;
}

export function countRollouts({ logger, ...parts }: CountRolloutsParts): RolloutCounting {
  const rollouts = composeRollouts({
    ...parts,
    projectId,
    signer: signsNothing,
    notifier: { notify: () => undefined, drained: async () => undefined },
    log: (level, message, details) => logger[level](details, message),
  });
  const runner = createRolloutRunner({
    ...rollouts.ports,
    leases: neverLeads,
    // Traffic comes with the primary's table, together with the versions that it needs.
    deployments: new Deployments(),
  });
  return {
    assign: rollouts.assign,
    round: () => runner.round(),
    close: async () => {
      await Promise.all([runner.close(), rollouts.shadows.close()]);
    },
  };
}

const neverLeads: LeaseRepository = { hold: async () => false, release: async () => undefined };

const refuse = (): Promise<never> =>
  Promise.reject(new ScarmonitError('internal', 'Only the process that decides on rollouts signs receipts.'));

const signsNothing: Signer = { identify: refuse, sign: refuse };
