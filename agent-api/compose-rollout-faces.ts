import { createEd25519Verifier } from '@scarmonit/adapters/web-crypto/ed25519';
import { readYaml } from '@scarmonit/adapters/yaml/read-yaml';
import type { SupervisorPorts } from '@scarmonit/core/deployments/supervise-version';
import type { ModelSpec } from '@scarmonit/core/manifest/manifest';
import type { ExplainSecretUse } from '@scarmonit/core/manifest/secret-uses';
import type { PredictionRepository } from '@scarmonit/core/ports/prediction-repository';
import type { SqlDatabase } from '@scarmonit/core/ports/sql-database';
import { compilePlan, defaultRolloutSettings } from '@scarmonit/core/rollouts/rollout-settings';
import { createMemoryStores, type SandboxStores } from '@scarmonit/core/rollouts/self-test/sandbox-store';
import type { AgentServices } from '@scarmonit/core/services/agent-services';
import type { RegistryPorts } from '@scarmonit/core/services/register-version';
import { createUndeclaredVersions } from '@scarmonit/core/services/retire-versions';
import { createRolloutFace } from '@scarmonit/core/services/rollout-views';
import {
  createRolloutRunner,
  type RolloutRunner,
  type RolloutRunnerPorts,
} from '@scarmonit/core/services/run-rollouts';
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
  /** What is against a secret that a version from elsewhere than the manifest file names. */
  readonly explainSecretUse: ExplainSecretUse;
  /** What self-tests are written to. Absent: memory, where a database that comes and goes with them is not to be had. */
  openSandboxStores?(): Promise<SandboxStores>;
  /** Sees to it that a rollout that has begun or was moved goes on at once. Absent: the runner of this process does. */
  wake?(): void;
  /** Called with what a version failed with while it was unloaded. Must not throw. */
  onUnloadError(error: unknown): void;
}

export interface ComposedFaces {
  readonly services: Pick<AgentServices, 'rollouts' | 'versions' | 'receipts' | 'feedback' | 'selfTest'>;
  readonly versions: VersionRegistry;
  /** With what it takes to run rounds here. */
  readonly ports: RolloutRunnerPorts;
  readonly runner: RolloutRunner;
  /** For a manifest that wants another stable version. @returns the rollout's id */
  startRollout(model: ModelSpec, to: string): Promise<string>;
}

/** What people see and steer rollouts by, alike on both hosts. */
export function composeRolloutFaces({
  rollouts,
  database,
  predictions,
  registry,
  supervisor,
  explainSecretUse,
  openSandboxStores = async () => createMemoryStores(),
  wake,
  onUnloadError,
}: FaceParts): ComposedFaces {
  const { service } = rollouts;
  const versions = createVersionRegistry({
    ...registry,
    statuses: createVersionStatusRepository(database),
    deployments: rollouts.ports.deployments,
    supervisor,
    readDocument: readYaml,
    explainSecretUse,
  });
  const undeclared = createUndeclaredVersions({ ...rollouts.ports, registry: versions, onUnloadError });
  const ports = { ...rollouts.ports, undeclared };
  const runner = createRolloutRunner(ports);
  const wakeUp = wake ?? runner.wake;
  const verifier = createEd25519Verifier();
  return {
    versions,
    ports,
    runner,
    startRollout: async ({ name, goals, rollout = defaultRolloutSettings }, to) => {
      const plan = compilePlan(rollout, goals, ports.ids.next());
      const started = await service.start({ model: name, to, plan, by: 'manifest', reason: '' });
      wakeUp();
      return started.rollout.id;
    },
    services: {
      rollouts: createRolloutFace({
        ...ports,
        service,
        predictions,
        ensureLive: versions.ensureLive,
        wake: wakeUp,
      }),
      versions,
      receipts: createReceiptService({ ...ports, verifier }),
      feedback: createFeedbackService(ports),
      selfTest: createSelfTestService({ ...rollouts.ports, verifier, openStores: openSandboxStores }),
    },
  };
}
