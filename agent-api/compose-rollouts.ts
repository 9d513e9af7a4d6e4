import type { Deployments } from '@scarmonit/core/deployments/deployments';
import { createProbe } from '@scarmonit/core/deployments/probe-version';
import type { Clock } from '@scarmonit/core/ports/clock';
import type { Hash } from '@scarmonit/core/ports/hash';
import type { Ids } from '@scarmonit/core/ports/ids';
import type { Notifier } from '@scarmonit/core/ports/notifier';
import type { Signer } from '@scarmonit/core/ports/signer';
import type { SqlDatabase } from '@scarmonit/core/ports/sql-database';
import { RecentFacts } from '@scarmonit/core/rollouts/recent-facts';
import { RolloutCounters } from '@scarmonit/core/rollouts/rollout-counters';
import { type AssignRequest, createRequestAssigner } from '@scarmonit/core/routing/assign-request';
import { createRolloutService, type RolloutService } from '@scarmonit/core/services/manage-rollouts';
import { paceFeedback } from '@scarmonit/core/services/pace-feedback';
import type { ChangedUpstream } from '@scarmonit/core/services/refresh-evidence';
import type { RolloutRunnerPorts } from '@scarmonit/core/services/run-rollouts';
import { createShadowCopier, type ShadowCopier } from '@scarmonit/core/shadow/shadow-copier';
import { readWireRequest } from '@scarmonit/server/openai/read-wire-request';
import { createFeedbackRepository } from '@scarmonit/store/feedback-repository';
import { createLeaseRepository } from '@scarmonit/store/lease-repository';
import { createReceiptRepository } from '@scarmonit/store/receipt-repository';
import { createRolloutFactsRepository } from '@scarmonit/store/rollout-facts-repository';
import { createRolloutRepository } from '@scarmonit/store/rollout-repository';
import { createShadowPairRepository } from '@scarmonit/store/shadow-pair-repository';

export interface RolloutParts {
  readonly database: SqlDatabase;
  readonly projectId: string;
  readonly deployments: Deployments;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly hash: Hash;
  readonly signer: Signer;
  readonly notifier: Notifier;
  /** For hosts whose requests end with their answers: takes copies of requests that still run. */
  keepAlive?(work: Promise<void>): void;
  readonly log: (level: 'info' | 'error', message: string, details: Readonly<Record<string, unknown>>) => void;
}

/** The parts of the app that move deployments from one version to the next, alike on both hosts. */
export interface ComposedRollouts {
  readonly ports: RolloutRunnerPorts;
  readonly service: RolloutService;
  /** Copies requests to candidates, off their clients' path. */
  readonly shadows: ShadowCopier;
  /** Assigns requests to versions on the hot path. */
  readonly assign: AssignRequest;
  /** Begins the evidence about a version anew whose upstream was changed. Never throws. */
  noteUpstreamChange(changed: ChangedUpstream): Promise<void>;
}

/** What rollouts are written to and read from, over one database. */
type RolloutStores = Pick<RolloutRunnerPorts, 'rollouts' | 'receipts' | 'facts' | 'feedback' | 'pairs' | 'leases'>;

export function createRolloutStores(database: SqlDatabase): RolloutStores {
  return {
    rollouts: createRolloutRepository(database),
    receipts: createReceiptRepository(database),
    facts: createRolloutFactsRepository(database),
    feedback: createFeedbackRepository(database),
    pairs: createShadowPairRepository(database),
    leases: createLeaseRepository(database),
  };
}

export function composeRollouts({ database, log, keepAlive, ...parts }: RolloutParts): ComposedRollouts {
  const stores = createRolloutStores(database);
  const ports: RolloutRunnerPorts = {
    ...parts,
    ...stores,
    feedback: paceFeedback(stores.feedback, parts.clock),
    recent: new RecentFacts(),
    counters: new RolloutCounters(),
    probe: createProbe(
      (timeoutMs) => AbortSignal.timeout(timeoutMs),
      ({ spec }, error) =>
        log('error', 'a version did not answer its probe', { model: spec.model, version: spec.version, err: error }),
    ),
    onTransition: ({ id, model, from, to }, { state, traffic, head }) =>
      log('info', 'a rollout moved', { rolloutId: id, model, from, to, state, traffic, head }),
    onError: (error) => log('error', 'a round of the rollouts failed; it is tried again', { err: error }),
  };
  const service = createRolloutService(ports);
  const shadows = createShadowCopier({
    ...parts,
    pairs: ports.pairs,
    counters: ports.counters,
    readWire: readWireRequest,
    ...(keepAlive === undefined ? {} : { keepAlive }),
    onError: ({ error, waiting, dropped }) =>
      log('error', 'shadow pairs could not be written; they are tried again', { err: error, waiting, dropped }),
  });
  return {
    ports,
    service,
    shadows,
    assign: createRequestAssigner(ports.counters, parts.hash, shadows),
    noteUpstreamChange: (changed) => service.refreshEvidence(changed).catch(ports.onError),
  };
}
