import type { LiveModel } from '../deployments/deployments.ts';
import { identifyVersion } from '../deployments/identify-version.ts';
import { ScarmonitError } from '../errors/scarmonit-error.ts';
import type { RolloutWithState } from '../ports/rollout-repository.ts';
import { enter, type Move, nextStage, type RolloutView, resume, rollBack } from '../rollouts/decide-move.ts';
import type { Rollout, RolloutPlan } from '../rollouts/rollout.ts';
import { announce, observe, type ReconcilePorts } from './reconcile-rollout.ts';
import { recordTransition } from './record-transition.ts';
import { type ChangedUpstream, refreshEvidence } from './refresh-evidence.ts';

/** Who asks for something, and why. */
export interface Decision {
  /** `manifest`, or the prefix of the key. */
  readonly by: string;
  readonly reason: string;
  /** What the decision was made on; when it has moved since, nothing is done. */
  readonly revision?: number;
}

export interface StartRollout extends Decision {
  readonly model: string;
  readonly to: string;
  readonly plan: RolloutPlan;
}

export type RolloutCommand = 'pause' | 'resume' | 'promote' | 'rollback' | 'abort';

/** The use cases of the people who steer rollouts. */
export interface RolloutService {
  /**
   * Asks for a rollout from the stable version to another one.
   * @throws ScarmonitError `unknown_model`, `unknown_version`, `conflict` (one is going on, the version is deprecated, or
   *   required receipts are missing)
   */
  start(wanted: StartRollout): Promise<RolloutWithState>;
  /**
   * `pause`: no step is taken, the gates go on. `resume`: goes on, also from `held` and `frozen`; a deadline that has
   * passed begins anew. `promote`: the next stage now, if the candidate is ready. `rollback`: the old version at once, also
   * while it is kept warm after the end. `abort`: as rollback, for a rollout that nobody wants any more.
   * @throws ScarmonitError `not_found`, `conflict` (somebody else moved first, the phase does not allow it, or the manifest
   *   does not declare the model any more)
   */
  command(rolloutId: string, command: RolloutCommand, decision: Decision): Promise<RolloutWithState>;
  /** As {@link refreshEvidence}. */
  refreshEvidence(changed: ChangedUpstream): Promise<void>;
}

export function createRolloutService(ports: ReconcilePorts): RolloutService {
  return {
    start: async ({ model: name, to, plan, by, reason }) => {
      const model = findLive(name, ports);
      refuseDeprecated(name, to, ports);
      // What this process has in force may be older than what another one has written.
      const [traffic = model.traffic] = await ports.rollouts.listTraffic(ports.projectId, name, { limit: 1 });
      const rollout = describeRollout({ ...model, traffic }, to, plan, { by, reason }, ports);
      await refuseSecond(rollout, ports);
      await refuseMissingReceipts(rollout, ports);
      const move: Move = {
        phase: 'draft',
        step: 0,
        freshEvidence: 'none',
        provisional: false,
        decidedBy: by,
        reason: reason === '' ? `${by} asked for it` : reason,
        // The revision that it takes is what keeps two people from starting two rollouts at once.
        traffic: { stable: traffic.stable, candidate: to, weight: 0, shadow: 0 },
      };
      const base = { rollout, traffic, readings: [], state: undefined };
      const transition = await recordTransition(base, move, ports);
      if (transition === undefined) throw movedFirst(name);
      ports.deployments.setTraffic(transition.traffic);
      announce(rollout, undefined, transition, ports);
      return { rollout, state: transition.state };
    },

    command: async (rolloutId, command, decision) => {
      for (let triesLeft = brakes.has(command) ? mostTries : 1; ; triesLeft -= 1) {
        const view = await observe(rolloutId, ports);
        if (view === undefined) throw await explainUnseen(rolloutId, ports);
        if (decision.revision !== undefined && decision.revision !== view.state.revision) {
          throw movedFirst(view.rollout.model);
        }
        const move = decideCommand(view, command, decision, ports);
        const transition = await recordTransition(view, move, ports);
        if (transition !== undefined) {
          ports.deployments.setTraffic(transition.traffic);
          announce(view.rollout, view.state, transition, ports);
          return { rollout: view.rollout, state: transition.state };
        }
        if (triesLeft === 1) throw movedFirst(view.rollout.model);
      }
    },
    refreshEvidence: (changed) => refreshEvidence(changed, ports),
  };
}

/** What is meant whatever the rollout has just moved to, as the controller may at any moment. */
const brakes: ReadonlySet<RolloutCommand> = new Set(['pause', 'rollback', 'abort']);
const mostTries = 5;

function findLive(name: string, { deployments }: ReconcilePorts): LiveModel {
  const model = deployments.find(name);
  if (model !== undefined) return model;
  throw new ScarmonitError('unknown_model', `There is no model '${name.slice(0, 64)}'.`, { code: 'model_not_found' });
}

function describeRollout(
  model: LiveModel,
  to: string,
  plan: RolloutPlan,
  { by, reason }: Decision,
  { projectId, ids, clock, hash }: ReconcilePorts,
): Rollout {
  const from = model.traffic.stable;
  const [old, wanted] = [model.versions.get(from), model.versions.get(to)];
  if (old === undefined || wanted === undefined) {
    throw new ScarmonitError(
      'unknown_version',
      `The model '${model.spec.name}' has no version '${to.slice(0, 64)}'. Declare it in the manifest or register it; ` +
        `there are: ${[...model.versions.keys()].join(', ')}.`,
      { code: 'version_not_found', param: 'to' },
    );
  }
  if (from === to) {
    throw new ScarmonitError('conflict', `${model.spec.name}@${to} is stable already.`, { code: 'already_stable' });
  }
  return {
    id: ids.next(),
    projectId,
    model: model.spec.name,
    from,
    to,
    fromDigest: identifyVersion(old.spec, hash),
    toDigest: identifyVersion(wanted.spec, hash),
    plan,
    createdAt: clock.now(),
    createdBy: by,
    reason,
  };
}

/** @throws ScarmonitError `conflict` when the version is deprecated */
export function refuseDeprecated(
  model: string,
  to: string,
  { deployments }: Pick<ReconcilePorts, 'deployments'>,
): void {
  if (deployments.findDeprecation(model, to) === undefined) return;
  throw new ScarmonitError(
    'conflict',
    `${model}@${to} is deprecated, and a deprecated version gets no traffic. Take it back into use first: ` +
      `scarmonit versions deprecate ${model} ${to} --undo`,
    { code: 'version_deprecated' },
  );
}

async function refuseSecond({ model }: Rollout, { projectId, rollouts }: ReconcilePorts): Promise<void> {
  const open = (await rollouts.listOpen(projectId)).find(
    // A provisional promotion ends with the first traffic that follows it.
    ({ rollout, state }) => rollout.model === model && state.phase !== 'active',
  );
  if (open === undefined) return;
  throw new ScarmonitError(
    'conflict',
    `A rollout of ${model} to ${open.rollout.to} is going on (${open.rollout.id}, ${open.state.phase}). ` +
      'Let it end, or abort it first.',
    { code: 'rollout_in_progress' },
  );
}

async function refuseMissingReceipts(rollout: Rollout, { projectId, receipts }: ReconcilePorts): Promise<void> {
  const { model, to, toDigest, plan } = rollout;
  const missing: string[] = [];
  for (const kind of plan.require) {
    const found = await receipts.find(projectId, { model, versionDigest: toDigest, kind, limit: 1 });
    if (found.length === 0) missing.push(kind);
  }
  if (missing.length === 0) return;
  throw new ScarmonitError(
    'conflict',
    `${model}@${to} has no receipt of: ${missing.join(', ')}. The manifest requires them before a rollout starts.`,
    { code: 'receipts_missing' },
  );
}

function decideCommand(
  view: RolloutView,
  command: RolloutCommand,
  { by, reason }: Decision,
  { deployments }: ReconcilePorts,
): Move {
  const { state, rollout } = view;
  const decided = { decidedBy: by, reason: reason === '' ? `${by} asked for it` : reason };
  const unchanged: Move = {
    phase: state.phase,
    step: state.step,
    ...(state.resumesIn === undefined ? {} : { resumesIn: state.resumesIn }),
    ...(state.frozenBy === undefined ? {} : { frozenBy: state.frozenBy }),
    freshEvidence: 'none',
    provisional: state.provisional,
    ...decided,
  };
  const ended = state.phase === 'rolled-back' || state.phase === 'aborted' || state.phase === 'active';
  switch (command) {
    case 'pause':
      if (ended || state.paused) throw notNow(view, command);
      return { ...unchanged, paused: true };
    case 'resume':
      if (state.paused) return { ...unchanged, paused: false };
      if (state.phase !== 'held' && state.phase !== 'frozen') throw notNow(view, command);
      return resume(view, by, decided.reason);
    case 'promote':
      if (ended || state.phase === 'draft') throw notNow(view, command);
      refuseUnready(view);
      return { ...enter(view, nextStage(view), decided.reason), paused: false, decidedBy: by };
    case 'rollback':
      if (state.phase === 'active') refuseCold(view, deployments.find(rollout.model));
      else if (ended) throw notNow(view, command);
      return rollBack(view, by, decided.reason);
    case 'abort':
      if (ended) throw notNow(view, command);
      return { ...rollBack(view, by, decided.reason), phase: 'aborted' };
  }
}

function refuseUnready({ rollout, candidate: { state, reason } }: RolloutView): void {
  if (state === 'ready') return;
  throw new ScarmonitError(
    'conflict',
    `${rollout.model}@${rollout.to} gets no traffic while it cannot answer: ${reason ?? `it is ${state}`}`,
    { code: 'version_not_loaded' },
  );
}

/** Going back after the end needs an old version that still answers, and traffic that nothing has changed since. */
function refuseCold({ rollout, traffic }: RolloutView, model: LiveModel | undefined): void {
  const old = model?.versions.get(rollout.from);
  if (traffic.rolloutId === rollout.id && old?.state === 'ready') return;
  throw new ScarmonitError(
    'conflict',
    `${rollout.model}@${rollout.from} is not kept warm any more. Start a rollout to it instead.`,
    { code: 'version_not_loaded' },
  );
}

function notNow({ rollout, state }: RolloutView, command: RolloutCommand): ScarmonitError {
  const paused = state.paused ? ' and paused' : '';
  return new ScarmonitError(
    'conflict',
    `The rollout of ${rollout.model} to ${rollout.to} is ${state.phase}${paused}; it cannot ${command} now.`,
    { code: 'wrong_phase' },
  );
}

function movedFirst(model: string): ScarmonitError {
  return new ScarmonitError(
    'conflict',
    `Somebody else changed the deployment of ${model} at the same moment. Look at it again before you decide.`,
    { code: 'revision_conflict' },
  );
}

/** A rollout that cannot be looked at: there is none, or its model is not served here. */
async function explainUnseen(id: string, { projectId, rollouts }: ReconcilePorts): Promise<ScarmonitError> {
  const found = await rollouts.findRollout(projectId, id);
  if (found === undefined) {
    return new ScarmonitError('not_found', `There is no rollout '${id.slice(0, 64)}'.`, { code: 'rollout_not_found' });
  }
  const { model, to } = found.rollout;
  return new ScarmonitError(
    'conflict',
    `${model}@${to} is not live, so its rollout stands still. Declare the model in the manifest again; then it can go on.`,
    { code: 'version_not_live' },
  );
}
