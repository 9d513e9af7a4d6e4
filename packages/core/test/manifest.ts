import type { Deployments } from '../src/deployments/deployments.ts';
import type { Manifest } from '../src/manifest/manifest.ts';
import type { LocalVersionSpec, UpstreamVersionSpec, VersionSpec } from '../src/registry/version-spec.ts';
import type { ApplyPorts } from '../src/services/apply-manifest.ts';
import { createVersionRegistrar, type RegistryPorts } from '../src/services/register-version.ts';
import type { FakeClock } from './fake-clock.ts';
import type { FakeRuntime } from './fake-runtime.ts';
import { createFakeRolloutStore, type FakeRolloutStore, fakeSigner } from './rollout-store.ts';

/** A version for tests, with a price of 0.001 USD a request. */
export function testVersion(model: string, version: string, more: Partial<LocalVersionSpec> = {}): LocalVersionSpec {
  return {
    model,
    version,
    task: model === 'vectors' ? 'embedding' : 'chat',
    runtime: 'onnx',
    artifact: { sha256: '0'.repeat(64), from: [], recipe: 'concat' },
    options: {},
    prices: { perRequestUsd: 0.001, inputPerMillionTokensUsd: 0, outputPerMillionTokensUsd: 0, perSecondUsd: 0 },
    timeoutMs: 120_000,
    fallbacks: [],
    ...more,
  };
}

/** The same for a version that runs elsewhere, and so takes requests in wire format. */
export function testUpstream(
  model: string,
  version: string,
  more: Partial<UpstreamVersionSpec> = {},
): UpstreamVersionSpec {
  const { artifact: _, runtime: __, ...rest } = testVersion(model, version);
  const targets = [{ baseUrl: 'http://127.0.0.1:9/v1', model: 'upstream-name', weight: 1 }];
  return { ...rest, runtime: 'openai-compatible', targets, balance: 'weighted', ...more };
}

/** A manifest for tests: models by name, each with its versions, the first of which is stable. */
export function testManifest(models: Readonly<Record<string, readonly (string | VersionSpec)[]>>): Manifest {
  return {
    models: Object.entries(models).map(([name, wanted]) => {
      const versions = wanted.map((version) => (typeof version === 'string' ? testVersion(name, version) : version));
      return {
        name,
        task: name === 'vectors' ? 'embedding' : 'chat',
        goals: {},
        requirements: {},
        stable: versions[0]?.version ?? '',
        versions,
      };
    }),
  };
}

/** The ports of `applyManifest`, in memory. */
export function createTestPorts(parts: {
  readonly clock: FakeClock;
  readonly runtime: FakeRuntime;
  readonly deployments: Deployments;
}): ApplyPorts & {
  readonly registered: Map<string, string>;
  readonly store: FakeRolloutStore;
  readonly started: string[];
} {
  const registered = new Map<string, string>();
  const firstRegistrations = new Map<string, number>();
  const declarations = new Map<string, string>();
  const store = createFakeRolloutStore();
  const started: string[] = [];
  const registry: RegistryPorts = {
    versions: {
      find: async (_project, model, version) => registered.get(`${model}@${version}`),
      firstRegistrations: async () => firstRegistrations,
      findDeclaration: async (_project, model, version) => declarations.get(`${model}@${version}`),
      register: async (_project, model, version, digest, createdAt, declaration) => {
        if (!declarations.has(`${model}@${version}`)) declarations.set(`${model}@${version}`, declaration);
        if (!firstRegistrations.has(model)) firstRegistrations.set(model, createdAt);
        const known = registered.get(`${model}@${version}`);
        if (known === undefined) registered.set(`${model}@${version}`, digest);
        return known === undefined ? 'registered' : known === digest ? 'same' : 'different';
      },
    },
    hash: { sha256Hex: (text) => text },
    projectId: 'default',
  };
  return {
    ...registry,
    registered,
    store,
    started,
    rollouts: store.rollouts,
    receipts: store.receipts,
    clock: parts.clock,
    signer: fakeSigner,
    startRollout: async ({ name }, to) => {
      started.push(`${name}@${to}`);
      return `rollout-${started.length}`;
    },
    deployments: parts.deployments,
    supervisor: {
      artifacts: {
        pull: async () => '/artifact',
        find: async () => '/artifact',
        verify: async () => '/artifact',
      },
      runtimes: { 'llama-cpp': parts.runtime, onnx: parts.runtime, 'openai-compatible': parts.runtime },
      clock: parts.clock,
      events: {},
      register: createVersionRegistrar(registry, parts.clock),
    },
    onUnloadError: (error) => {
      throw error;
    },
  };
}
