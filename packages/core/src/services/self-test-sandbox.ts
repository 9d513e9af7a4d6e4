import { Deployments } from '../deployments/deployments.ts';
import { VersionSupervisor } from '../deployments/supervise-version.ts';
import type { Clock } from '../ports/clock.ts';
import type { UpstreamVersionSpec } from '../registry/version-spec.ts';
import { RecentFacts } from '../rollouts/recent-facts.ts';
import { RolloutCounters } from '../rollouts/rollout-counters.ts';
import { compilePlan } from '../rollouts/rollout-settings.ts';
import { healthy, type PlantedVersion, sandboxGoals } from '../rollouts/self-test/planted-versions.ts';
import { createSandboxClock } from '../rollouts/self-test/sandbox-clock.ts';
import { createSandboxStore, type SandboxStore } from '../rollouts/self-test/sandbox-store.ts';
import { type Random, seededRandom } from '../rollouts/simulation/seeded-random.ts';
import { createRequestAssigner } from '../routing/assign-request.ts';
import type { SelfTestCase } from './agent-services.ts';
import { createRolloutService } from './manage-rollouts.ts';
import type { ReconcilePorts } from './reconcile-rollout.ts';
import { createRolloutRounds, type RolloutRunnerPorts } from './run-rollouts.ts';

/** What the sandbox takes from its host: nothing of it holds state of a model. */
export interface SandboxPorts extends Pick<ReconcilePorts, 'hash' | 'ids' | 'signer' | 'rules'> {
  readonly clock: Clock;
}

/** The name under which the receipts of the self-test stand. */
export const sandboxModel = 'scarmonit-self-test';

const from = '1.0.0';
const to = '2.0.0';
/** A round of the runner, and a turn of the event loop, after so many requests; well below 10 ms of work. */
const requestsPerRound = 50;
const roundMs = 3_000;
/** A healthy version is promoted after less than half of it. */
const mostRequests = 30_000;

/** Rolls one planted version out, with requests that are the same for the same seed. */
export async function rolloutPlanted(version: PlantedVersion, seed: number, host: SandboxPorts): Promise<SelfTestCase> {
  const clock = createSandboxClock(host.clock.now(), host.clock);
  const store = createSandboxStore();
  const random = seededRandom(seed);
  const deployments = await deploySandbox(clock);
  const counters = new RolloutCounters();
  let failure: unknown;
  const ports: RolloutRunnerPorts = {
    ...host,
    ...store,
    projectId: sandboxModel,
    deployments,
    counters,
    clock,
    recent: new RecentFacts(),
    notifier: { notify: () => {}, drained: async () => {} },
    probe: async () => true,
    onTransition: () => {},
    onError: (error) => {
      failure = error;
    },
  };
  const assign = createRequestAssigner(counters, host.hash);
  const rounds = createRolloutRounds(ports);
  const plan = compilePlan(version.settings, sandboxGoals, `self-test-${seed}`);
  await createRolloutService(ports).start({ model: sandboxModel, to, plan, by: 'self-test', reason: version.planted });
  let requests = 0;
  let onCandidate = 0;

  const serve = (): void => {
    const traffic = deployments.find(sandboxModel)?.traffic;
    if (traffic === undefined) return;
    requests += 1;
    const assigned = assign(traffic, { requestId: `self-test-${requests}`, key: { id: 'self-test' }, stream: false });
    const isCandidate = assigned.version === to;
    const { errorRate, meanLatencyMs, costUsd, crashEvery } = isCandidate ? version.behaviour : healthy;
    assigned.assignment?.counted?.end({
      outcome: random() < errorRate ? 'error' : 'ok',
      latencyMs: -Math.log(1 - random()) * meanLatencyMs,
      firstTokenMs: undefined,
      costUsd,
    });
    if (isCandidate) {
      onCandidate += 1;
      if (crashEvery !== undefined && onCandidate % crashEvery === 0) counters.countCrash(sandboxModel, to);
    }
    if (random() < traffic.shadow) addLabelledPair(version, random, store);
  };

  let isOpen = true;
  while (isOpen && requests < mostRequests) {
    await new Promise<void>((resolve) => clock.schedule(0, resolve));
    for (let served = 0; served < requestsPerRound; served += 1) serve();
    clock.jump(roundMs);
    isOpen = await rounds.round();
    if (failure !== undefined) throw failure;
  }
  return judge(version, requests, store);
}

/** Both versions in place, the old one with all traffic. They are loaded, but nothing calls them: their ends are drawn. */
async function deploySandbox(clock: Clock): Promise<Deployments> {
  const runtime = { load: async () => ({ stats: neverCalled, unload: async () => {} }) };
  const supervise = (version: string): VersionSupervisor =>
    new VersionSupervisor(describeVersion(version), {
      artifacts: { pull: neverCalled, find: async () => undefined, verify: neverCalled },
      runtimes: { 'openai-compatible': runtime },
      clock,
      events: {},
      register: async () => {},
    });
  const versions = new Map([from, to].map((version) => [version, supervise(version)]));
  await Promise.all([...versions.values()].map((supervisor) => supervisor.start()));
  const deployments = new Deployments();
  const createdAt = clock.now();
  const spec = {
    name: sandboxModel,
    task: 'classification' as const,
    goals: sandboxGoals,
    requirements: {},
    stable: from,
    versions: [describeVersion(from), describeVersion(to)],
  };
  const traffic = {
    model: sandboxModel,
    revision: 0,
    stable: from,
    weight: 0,
    shadow: 0,
    sticky: 'none' as const,
    salt: '',
    decidedBy: 'self-test',
    reason: 'the sandbox was made',
    createdAt,
  };
  deployments.replace([{ spec, createdAt, traffic, versions }]);
  return deployments;
}

async function neverCalled(): Promise<never> {
  throw new Error('A version of the sandbox has no artifact and no engine.');
}

/** The new version as its receipts name it. */
export function describeVersion(version: string = to): UpstreamVersionSpec {
  return {
    model: sandboxModel,
    version,
    task: 'classification',
    runtime: 'openai-compatible',
    targets: [{ baseUrl: 'http://sandbox.invalid/v1', model: version, weight: 1 }],
    balance: 'weighted',
    options: {},
    prices: { perRequestUsd: 0, inputPerMillionTokensUsd: 0, outputPerMillionTokensUsd: 0, perSecondUsd: 0 },
    timeoutMs: 1_000,
    fallbacks: [],
  };
}

function addLabelledPair({ behaviour }: PlantedVersion, random: Random, store: SandboxStore): void {
  const isStableRight = random() < healthy.accuracy;
  const isCandidateRight = random() < behaviour.accuracy;
  if (isStableRight === isCandidateRight) store.addPair('same');
  else store.addPair(isStableRight ? 'worse' : 'better');
}

async function judge(
  { name, planted, expected }: PlantedVersion,
  requests: number,
  { rollouts, receipts }: SandboxStore,
): Promise<SelfTestCase> {
  const state = (await rollouts.listStates(sandboxModel, '')).at(-1);
  if (state === undefined) throw new Error('The rollout of the sandbox has no state.');
  const stoppedBy = state.decidedBy === 'gate' ? await readFailedGates(receipts) : [];
  const isExpected = stoppedBy.every((gate) => expected.stoppedBy.includes(gate));
  const { phase, stoppedBy: rules } = expected;
  return {
    name,
    planted,
    expected: rules.length === 0 ? phase : `${phase} by ${rules.join(' or ')}`,
    outcome: state.phase,
    gate: stoppedBy.length === 0 ? null : stoppedBy.join(', '),
    requests,
    passed: state.phase === phase && isExpected && stoppedBy.length > 0 === rules.length > 0,
  };
}

/** From the receipts of the last transition: the verdicts that it rested on. Crashes have no gate. */
async function readFailedGates(receipts: SandboxStore['receipts']): Promise<readonly string[]> {
  const all = await receipts.find(sandboxModel, { limit: Number.MAX_SAFE_INTEGER });
  const failed: string[] = [];
  // Newest first: the transition itself, its gates, then the transition before it.
  for (const { kind, body } of all.slice(1)) {
    if (kind !== 'gate') break;
    const { gate, verdict } = body.reading as { readonly gate: string; readonly verdict: string };
    if (verdict === 'fail') failed.unshift(gate);
  }
  return failed.length === 0 ? ['crashes'] : failed;
}
