import { createEd25519Verifier } from '@scarmonit/adapters/web-crypto/ed25519';
import { readYaml } from '@scarmonit/adapters/yaml/read-yaml';
import type { SupervisorPorts } from '@scarmonit/core/deployments/supervise-version';
import type { PredictionRepository } from '@scarmonit/core/ports/prediction-repository';
import type { SqlDatabase } from '@scarmonit/core/ports/sql-database';
import type { AgentServices } from '@scarmonit/core/services/agent-services';
import type { RegistryPorts } from '@scarmonit/core/services/register-version';
import { createRolloutFace } from '@scarmonit/core/services/rollout-views';
import { createSelfTestService } from '@scarmonit/core/services/self-test';
import { createFeedbackService } from '@scarmonit/core/services/take-feedback';
import { createReceiptService } from '@scarmonit/core/services/verify-receipts';
import { createVersionRegistry, type VersionRegistry } from '@scarmonit/core/services/version-registry';
import { createVersionStatusRepository } from '@scarmonit/store/version-status-repository';
import type { ComposedRollouts } from './compose-rollouts.ts';

export interface FaceParts {
  readonly rollouts: ComposedRollouts;
  readonly database: SqlDatabase;
  readonly predictions: Pick<PredictionRepository, 'summarize'>;
  readonly registry: RegistryPorts;
  /** Of the host: what loads a version that the manifest does not declare. */
  readonly supervisor: SupervisorPorts;
}

export interface ComposedFaces {
  readonly services: Pick<AgentServices, 'rollouts' | 'versions' | 'receipts' | 'feedback' | 'selfTest'>;
  readonly versions: VersionRegistry;
}

/** What people see and steer rollouts by, alike on both hosts. */
export function composeRolloutFaces({
  rollouts,
  database,
  predictions,
  registry,
  supervisor,
}: FaceParts): ComposedFaces {
  const { ports, service } = rollouts;
  const versions = createVersionRegistry({
    ...registry,
    statuses: createVersionStatusRepository(database),
    deployments: ports.deployments,
    supervisor,
    readDocument: readYaml,
  });
  return {
    versions,
    services: {
      rollouts: createRolloutFace({
        ...ports,
        service,
        predictions,
        ensureLive: versions.ensureLive,
        wake: rollouts.wake,
      }),
      versions,
      receipts: createReceiptService({ ...ports, verifier: createEd25519Verifier() }),
      feedback: createFeedbackService(ports),
      selfTest: createSelfTestService(ports),
    },
  };
}
