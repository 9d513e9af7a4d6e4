import { createHash } from 'node:crypto';
import { Deployments } from '../src/deployments/deployments.ts';
import { noFacts, type RolloutFacts } from '../src/gates/facts.ts';
import { mergeFacts } from '../src/gates/merge-facts.ts';
import type { RolloutFactsRepository } from '../src/ports/rollout-facts-repository.ts';
import { RecentFacts } from '../src/rollouts/recent-facts.ts';
import type { RolloutState } from '../src/rollouts/rollout.ts';
import { type RequestEnd, RolloutCounters } from '../src/rollouts/rollout-counters.ts';
import { compilePlan, defaultRolloutSettings, type RolloutSettings } from '../src/rollouts/rollout-settings.ts';
import { createRequestAssigner } from '../src/routing/assign-request.ts';
import { createApplyManifest } from '../src/services/apply-manifest.ts';
import { createRolloutService } from '../src/services/manage-rollouts.ts';
import { createVersionRegistrar } from '../src/services/register-version.ts';
import { createUndeclaredVersions } from '../src/services/retire-versions.ts';
import { createRolloutRounds, createRolloutRunner, type RolloutRunnerPorts } from '../src/services/run-rollouts.ts';
import { createVersionRegistry } from '../src/services/version-registry.ts';
import { createFakeClock } from './fake-clock.ts';
import { createFakeRuntime } from './fake-runtime.ts';
import { createTestPorts, testManifest, testVersion } from './manifest.ts';
import { createFakeRolloutStore, fakeSigner } from './rollout-store.ts';
import { createFakeVersionStore } from './version-store.ts';

const hash = { sha256Hex: (text: string) => createHash('sha256').update(text).digest('hex') };
/** Synthetic traffic: how the request of this number ends on a version, at a time since the start. */
export type Answer = (request: number, arm: 'stable' | 'candidate', elapsedMs: number) => Partial<RequestEnd>;

/**
 * One store and one clock, with processes that come and go.
 * @param declared versions of the model `chat` in the manifest; 1.0.0 and 1.1.0 are registered
 */
export async function createRolloutWorld(
  settings: Partial<RolloutSettings>,
  declared: readonly string[] = ['1.0.0', '1.1.0'],
) {
  const clock = createFakeClock(0);
  const store = createFakeRolloutStore();
  const { versions, statuses } = createFakeVersionStore(store.written.traffic);
  const registry = { versions, hash, projectId: 'default' };
  const register = createVersionRegistrar(registry, clock);
  for (const version of ['1.0.0', '1.1.0']) await register(testVersion('chat', version));
  const facts = createFakeFacts();
  const notified: string[] = [];
  let names = 0;
  let requests = 0;
  let lease: { holder: string; until: number } | undefined;
  let callsUntilDeath = Number.POSITIVE_INFINITY;
  let diesBefore = false;
  let isLeaseForAll = false;

  /** A store call that the process may not live through: it dies just before the call or just after it. */
  const mortal =
    <In extends unknown[], Out>(call: (...input: In) => Promise<Out>) =>
    async (...input: In): Promise<Out> => {
      callsUntilDeath -= 1;
      if (callsUntilDeath === 0 && diesBefore) throw new Error('the process died');
      const out = await call(...input);
      if (callsUntilDeath === 0) throw new Error('the process died');
      return out;
    };

  const start = async (manifest = declared) => {
    const deployments = new Deployments();
    const counters = new RolloutCounters();
    const runtime = createFakeRuntime();
    const testPorts = createTestPorts({ clock, runtime, deployments });
    const shared = { rollouts: store.rollouts, receipts: store.receipts };
    const supervisor = { ...testPorts.supervisor, register };
    const { apply } = createApplyManifest({ ...testPorts, ...registry, ...shared, supervisor });
    await apply(testManifest({ chat: manifest }), 'start');
    const readDocument = (): never => {
      throw new Error('Nobody hands a version in.');
    };
    const versionRegistry = createVersionRegistry({
      ...registry,
      statuses,
      deployments,
      supervisor,
      readDocument,
      explainSecretUse: () => undefined,
    });
    const undeclared = createUndeclaredVersions({
      ...shared,
      projectId: 'default',
      deployments,
      clock,
      registry: versionRegistry,
      onUnloadError: testPorts.onUnloadError,
    });
    const ports: RolloutRunnerPorts = {
      ...shared,
      rollouts: { ...store.rollouts, commit: mortal(store.rollouts.commit), listOpen: mortal(store.rollouts.listOpen) },
      facts: { add: mortal(facts.add), sum: mortal(facts.sum) },
      feedback: { insert: async () => {}, sumForRollout: async () => noFacts },
      pairs: { insertMany: async () => {}, count: async () => ({ pairs: 0, agreeing: 0, failed: 0 }) },
      leases: {
        hold: async (_name, holder, now, until) => {
          if (!isLeaseForAll && lease !== undefined && lease.holder !== holder && lease.until > now) return false;
          lease = { holder, until };
          return true;
        },
        release: async () => {
          lease = undefined;
        },
      },
      projectId: 'default',
      deployments,
      undeclared,
      counters,
      recent: new RecentFacts(),
      clock,
      hash,
      signer: fakeSigner,
      ids: { next: () => `id-${String(++names).padStart(6, '0')}`, randomBytes: (bytes) => new Uint8Array(bytes) },
      notifier: { notify: ({ type }) => void notified.push(type), drained: async () => {} },
      probe: async () => true,
      onTransition: () => {},
      onError: () => {
        isAlive = false;
      },
    };
    let isAlive = true;
    const rounds = createRolloutRounds(ports);
    const assign = createRequestAssigner(counters, hash);
    return {
      deployments,
      counters,
      ports,
      runtime,
      versions: versionRegistry,
      /** Applies another manifest. */
      declare: (versions: readonly string[]) => apply(testManifest({ chat: versions }), 'change'),
      /** States of the versions that are live here. */
      live: () =>
        Object.fromEntries(
          [...(deployments.find('chat')?.versions ?? [])].map(([version, { state }]) => [version, state]),
        ),
      runner: createRolloutRunner(ports),
      /** One round, without the timer of the runner: a process that died does nothing more. */
      round: () => rounds.round().then(() => {}, ports.onError),
      service: createRolloutService(ports),
      isAlive: () => isAlive,
      serve: (count: number, answer: Answer) => {
        for (let served = 0; served < count; served += 1) {
          requests += 1;
          const traffic = deployments.find('chat')?.traffic;
          if (traffic === undefined) throw new Error('There is no traffic.');
          const { version, assignment } = assign(traffic, {
            requestId: `req_${requests}`,
            key: { id: 'k' },
            stream: false,
          });
          const arm = version === '1.1.0' ? 'candidate' : 'stable';
          const end = answer(requests, arm, clock.now());
          assignment?.counted?.end({ outcome: 'ok', latencyMs: 100, firstTokenMs: undefined, costUsd: 0, ...end });
        }
      },
    };
  };

  const plan = compilePlan(
    { ...defaultRolloutSettings, ...settings },
    { maxErrorRate: 0.01, maxLatencyMs: 500 },
    'salt',
  );
  return {
    clock,
    store,
    start,
    plan,
    /** Types of all notifications. */
    notified,
    /** The process that runs now dies at its n-th call of the store from here. */
    dieAt: (call: number, before: boolean) => {
      callsUntilDeath = call;
      diesBefore = before;
    },
    /** From now on everybody who asks for the lease gets it. */
    leaseToAll: () => {
      isLeaseForAll = true;
    },
    forgetLease: () => {
      lease = undefined;
    },
    states: async (): Promise<readonly RolloutState[]> => {
      const [first] = await store.rollouts.listRollouts('default', { limit: 1 });
      return first === undefined ? [] : store.rollouts.listStates('default', first.rollout.id);
    },
  };
}

function createFakeFacts(): RolloutFactsRepository {
  const sums = new Map<string, RolloutFacts>();
  const seen = new Set<string>();
  return {
    add: async ({ rolloutId, source, sequence, exposures, buckets, crashes }) => {
      const identity = `${rolloutId}/${source}/${sequence}`;
      if (seen.has(identity)) return;
      seen.add(identity);
      sums.set(rolloutId, mergeFacts(sums.get(rolloutId) ?? noFacts, { ...noFacts, exposures, buckets, crashes }));
    },
    sum: async (rolloutId) => sums.get(rolloutId) ?? noFacts,
  };
}
