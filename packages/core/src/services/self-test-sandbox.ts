import { Deployments } from '../deployments/deployments.ts';
import { VersionSupervisor } from '../deployments/supervise-version.ts';
import { CancelSource } from '../inference/cancel-source.ts';
import type { ApiKey } from '../keys/api-key.ts';
import type { Clock } from '../ports/clock.ts';
import type { RolloutRepository, RolloutWithState } from '../ports/rollout-repository.ts';
import type { SignatureVerifier } from '../ports/signer.ts';
import { RecentFacts } from '../rollouts/recent-facts.ts';
import type { RolloutPhase } from '../rollouts/rollout.ts';
import { RolloutCounters } from '../rollouts/rollout-counters.ts';
import { compilePlan } from '../rollouts/rollout-settings.ts';
import { createPlantedRuntime, rightLabel } from '../rollouts/self-test/planted-runtime.ts';
import { type PlantedVersion, sandboxGoals } from '../rollouts/self-test/planted-versions.ts';
import { createSandboxClock } from '../rollouts/self-test/sandbox-clock.ts';
import { describeSandboxVersion, newVersion, oldVersion, sandboxModel } from '../rollouts/self-test/sandbox-model.ts';
import type { SandboxStores } from '../rollouts/self-test/sandbox-store.ts';
import { seededRandom } from '../rollouts/simulation/seeded-random.ts';
import { createRequestAssigner } from '../routing/assign-request.ts';
import { createShadowCopier } from '../shadow/shadow-copier.ts';
import type { InferenceCall } from './agent-services.ts';
import { createPredictionBuffer } from './buffer-predictions.ts';
import { createRolloutService } from './manage-rollouts.ts';
import type { ReconcilePorts } from './reconcile-rollout.ts';
import { createRolloutRounds, type RolloutRunnerPorts } from './run-rollouts.ts';
import type { SelfTestCase } from './self-test-report.ts';
import { createInferenceService } from './serve-inference.ts';
import { createFeedbackService } from './take-feedback.ts';
import { createReceiptService } from './verify-receipts.ts';

/** What the sandbox takes from its host: nothing of it holds state of a model. */
export interface SandboxPorts extends Pick<ReconcilePorts, 'hash' | 'ids' | 'signer' | 'rules' | 'probe'> {
  readonly clock: Clock;
  readonly verifier: SignatureVerifier;
}

/** A thousand requests a minute. */
const betweenRequestsMs = 60;
/** A round of the runner, and a turn of the event loop, after so many requests; a few milliseconds of work. */
const requestsPerRound = 100;
/** Somebody waits and wants to see that it goes on. */
const requestsPerWord = 1_000;
/** The deadline of every request. */
const longestRequestMs = 60_000;
/** A healthy version is promoted after less than half of it. */
const mostRequests = 30_000;
/** There is nobody in a sandbox for whom a held rollout could wait, and no label comes after a promotion. */
const ends: ReadonlySet<RolloutPhase> = new Set(['active', 'rolled-back', 'aborted', 'held']);

/**
 * Rolls one planted version out with the host's own parts, on a clock that passes by itself: requests come, are assigned,
 * answered, timed, priced, recorded and copied as those of clients are; feedback, counters, controller and receipts are
 * the host's, too. The same seed gives the same requests and answers. Tells every now and then how many requests it has
 * seen, and goes on when it is asked to.
 */
export async function* rolloutPlanted(
  planted: PlantedVersion,
  seed: number,
  host: SandboxPorts,
  stores: Pick<SandboxStores, 'open'>,
): AsyncGenerator<number, SelfTestCase, undefined> {
  const sandbox = await openSandbox(planted, seed, host, stores);
  const { clock, ports, ask } = sandbox;
  const startedAt = clock.now();
  try {
    const rounds = createRolloutRounds(ports);
    const plan = compilePlan(planted.settings, planted.goals ?? sandboxGoals, `self-test-${seed}`);
    const asked = { model: sandboxModel, to: newVersion, plan, by: 'self-test', reason: planted.planted };
    const { rollout } = await createRolloutService(ports).start(asked);
    while (!ends.has(await phaseOf(ports, rollout.id)) && sandbox.requests < mostRequests) {
      if (sandbox.requests % requestsPerWord === 0) yield sandbox.requests;
      // The host's own requests come first.
      await new Promise<void>((resolve) => host.clock.schedule(0, resolve));
      for (let count = 0; count < requestsPerRound; count += 1) {
        ask();
        await clock.pass(betweenRequestsMs);
      }
      await sandbox.told();
      await rounds.round();
      sandbox.throwFailure();
    }
    return await judge(planted, rollout.id, { ...host, ...ports }, sandbox.requests, clock.now() - startedAt);
  } finally {
    await sandbox.close();
  }
}

/** Both versions in place, the old one with all traffic, and everything that serves them. */
async function openSandbox(
  planted: PlantedVersion,
  seed: number,
  host: SandboxPorts,
  stores: Pick<SandboxStores, 'open'>,
) {
  const { hash, ids } = host;
  const projectId = `self-test-${seed}`;
  const store = await stores.open(projectId);
  const clock = createSandboxClock(host.clock.now());
  const counters = new RolloutCounters();
  const deployments = new Deployments();
  let failure: { readonly error: unknown } | undefined;
  const onError = (error: unknown): void => {
    failure ??= { error };
  };
  const behaviours = new Map([
    [oldVersion, planted.stable],
    [newVersion, planted.behaviour],
  ]);
  const supervisors = await loadVersions(createPlantedRuntime(behaviours, seededRandom(seed), clock), clock, counters);
  deployments.replace([describeDeployment(planted, supervisors, clock.now())]);
  const ports: RolloutRunnerPorts = {
    ...host,
    ...store,
    projectId,
    deployments,
    counters,
    clock,
    recent: new RecentFacts(),
    notifier: { notify: () => {}, drained: async () => {} },
    onTransition: () => {},
    onError,
  };
  const shadows = createShadowCopier({ ...ports, onError: ({ error }) => onError(error) });
  const records = createPredictionBuffer({
    repository: store.predictions,
    clock,
    onError: ({ error }) => onError(error),
  });
  const assign = createRequestAssigner(counters, hash, shadows);
  const inference = createInferenceService({ deployments, assign, clock, ids, hash, record: records.record });
  const feedback = createFeedbackService({ feedback: store.feedback, clock, ids, hash });
  const key = describeKey(projectId);
  const told: Promise<unknown>[] = [];
  let requests = 0;

  const ask = (): void => {
    requests += 1;
    const call = describeCall(`self-test-${requests}`, key);
    inference
      .serve(call, 'classification', (version) =>
        version.classify({ input: { kind: 'texts', texts: ['a planted request'] } }),
      )
      // That a version fails is what the sandbox is for; the failure is counted where every other is.
      .catch(() => undefined);
    const isShadowed = (deployments.find(sandboxModel)?.traffic.shadow ?? 0) > 0;
    if (isShadowed) told.push(feedback.take(key, { requestId: call.requestId, label: rightLabel }));
  };

  return {
    clock,
    ports,
    ask,
    get requests() {
      return requests;
    },
    /** Resolves when all feedback is stored. */
    told: () => Promise.all(told.splice(0)),
    throwFailure: () => {
      if (failure !== undefined) throw failure.error;
    },
    close: async () => {
      // What is under way ends as any request does.
      await clock.pass(longestRequestMs);
      await shadows.close();
      await records.close();
      await Promise.all([...supervisors.values()].map((supervisor) => supervisor.stop()));
    },
  };
}

async function loadVersions(
  runtime: ReturnType<typeof createPlantedRuntime>,
  clock: Clock,
  counters: RolloutCounters,
): Promise<ReadonlyMap<string, VersionSupervisor>> {
  const supervise = (version: string): VersionSupervisor =>
    new VersionSupervisor(describeSandboxVersion(version), {
      artifacts: { pull: neverCalled, find: async () => undefined, verify: neverCalled },
      runtimes: { 'openai-compatible': runtime },
      clock,
      events: {
        onState: (spec, state) => {
          if (state === 'restarting') counters.countCrash(spec.model, spec.version);
        },
      },
      register: async () => {},
    });
  const versions = new Map([oldVersion, newVersion].map((version) => [version, supervise(version)]));
  await Promise.all([...versions.values()].map((supervisor) => supervisor.start()));
  return versions;
}

async function neverCalled(): Promise<never> {
  throw new Error('A version of the sandbox has no artifact.');
}

function describeDeployment(
  { goals = sandboxGoals }: PlantedVersion,
  versions: ReadonlyMap<string, VersionSupervisor>,
  createdAt: number,
) {
  const spec = {
    name: sandboxModel,
    task: 'classification' as const,
    goals,
    requirements: {},
    stable: oldVersion,
    versions: [oldVersion, newVersion].map(describeSandboxVersion),
  };
  const split = { weight: 0, shadow: 0, sticky: 'none' as const, salt: '' };
  const decision = { decidedBy: 'self-test', reason: 'the sandbox was made' };
  const traffic = { model: sandboxModel, revision: 0, stable: oldVersion, createdAt, ...split, ...decision };
  return { spec, createdAt, traffic, versions };
}

function describeKey(projectId: string): ApiKey {
  return { id: 'self-test', projectId, name: 'self-test', prefix: '', sha256: '', scopes: ['infer'], createdAt: 0 };
}

function describeCall(requestId: string, key: ApiKey): InferenceCall {
  const signal = new CancelSource();
  return { requestId, key, route: 'self-test', model: sandboxModel, pin: undefined, stream: false, signal };
}

type JudgedPorts = RolloutRunnerPorts & Pick<SandboxPorts, 'verifier'>;

async function phaseOf({ rollouts, projectId }: RolloutRunnerPorts, rolloutId: string): Promise<RolloutPhase> {
  return (await findRollout(rollouts, projectId, rolloutId)).state.phase;
}

async function findRollout(rollouts: RolloutRepository, projectId: string, id: string): Promise<RolloutWithState> {
  const found = await rollouts.findRollout(projectId, id);
  if (found === undefined) throw new Error('The store of the sandbox has lost its rollout.');
  return found;
}

async function judge(
  { name, planted, expected }: PlantedVersion,
  rolloutId: string,
  ports: JudgedPorts,
  requests: number,
  elapsedMs: number,
): Promise<SelfTestCase> {
  const { state } = await findRollout(ports.rollouts, ports.projectId, rolloutId);
  const verified = await createReceiptService(ports).verify({ heads: [], recompute: true });
  const stoppedBy = state.decidedBy === 'gate' ? await readFailedGates(ports) : [];
  const { phase, provisional, stoppedBy: rule, stoppedIn } = expected;
  const isThere = stoppedIn === undefined || stoppedIn === (await phaseBefore(ports, rolloutId));
  const isExpected =
    state.phase === phase && state.provisional === provisional && stoppedBy.join() === (rule ?? '') && isThere;
  return {
    name,
    planted,
    expected: describeExpected(expected),
    outcome: state.phase,
    gate: stoppedBy.length === 0 ? null : stoppedBy.join(', '),
    reason: state.reason,
    requests,
    elapsedMs,
    receipts: verified.receipts,
    passed: isExpected && verified.problems.length === 0,
  };
}

function describeExpected({ phase, provisional, stoppedBy, stoppedIn }: PlantedVersion['expected']): string {
  if (stoppedBy === undefined) return provisional ? `${phase}, provisionally` : phase;
  return `${phase} by ${stoppedBy}${stoppedIn === undefined ? '' : ` in the ${stoppedIn}`}`;
}

/** Where the rollout stood before it ended. */
async function phaseBefore({ rollouts, projectId }: RolloutRunnerPorts, id: string): Promise<RolloutPhase | undefined> {
  return (await rollouts.listStates(projectId, id)).at(-2)?.phase;
}

/** From the receipts of the last transition: the verdicts that it rested on. Crashes have no gate. */
async function readFailedGates({ receipts, projectId }: RolloutRunnerPorts): Promise<readonly string[]> {
  const all = await receipts.find(projectId, { limit: Number.MAX_SAFE_INTEGER });
  const failed: string[] = [];
  // Newest first: the transition itself, its gates, then the transition before it.
  for (const { kind, body } of all.slice(1)) {
    if (kind !== 'gate') break;
    const { gate, verdict } = body.reading as { readonly gate: string; readonly verdict: string };
    if (verdict === 'fail') failed.unshift(gate);
  }
  return failed.length === 0 ? ['crashes'] : failed;
}
