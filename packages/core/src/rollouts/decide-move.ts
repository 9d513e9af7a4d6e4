import { type AdvanceDecision, decideAdvance } from '../gates/decide-advance.ts';
import { decideFailure } from '../gates/decide-failure.ts';
import { decideRecovery } from '../gates/decide-recovery.ts';
import type { RolloutFacts } from '../gates/facts.ts';
import type { GateReading } from '../gates/gate.ts';
import { factsSince } from '../gates/merge-facts.ts';
import { copiesOf } from '../gates/read-facts.ts';
import type { Traffic } from '../routing/traffic.ts';
import type { VersionState } from '../services/agent-services.ts';
import { explainFailure, explainObstacles, nameGates } from './explain-decisions.ts';
import type { FreezeCause, ResumablePhase, Rollout, RolloutPhase, RolloutState } from './rollout.ts';

/** All that a decision about a rollout rests on, at one moment. */
export interface RolloutView {
  readonly rollout: Rollout;
  readonly state: RolloutState;
  /** The model's current traffic. */
  readonly traffic: Traffic;
  readonly facts: RolloutFacts;
  /** Of the last minutes. */
  readonly recent: RolloutFacts;
  readonly readings: readonly GateReading[];
  readonly candidate: { readonly state: VersionState; readonly reason?: string };
  /** Whether the candidate has answered a probe since it was loaded. */
  readonly probed: boolean;
  /** Pairs that both versions answered. */
  readonly shadowPairs: number;
  readonly now: number;
}

/** A change of a rollout that is called for. */
export interface Move {
  readonly phase: RolloutPhase;
  readonly step: number;
  readonly resumesIn?: ResumablePhase;
  readonly frozenBy?: FreezeCause;
  /** What the traffic becomes. Absent: it stays as it is, in the same revision. */
  readonly traffic?: Pick<Traffic, 'stable' | 'weight' | 'shadow'> & { readonly candidate?: string };
  /** Which gates count from the new traffic on: the absolute ones, or all that events are evidence for. */
  readonly freshEvidence: 'none' | 'absolute' | 'all';
  readonly provisional: boolean;
  /** Absent: as before. */
  readonly paused?: boolean;
  /** Absent: as before. */
  readonly deadlineAt?: number;
  readonly decidedBy: string;
  readonly reason: string;
}

/**
 * A window after a freeze in which stable must show that it keeps its goals again: this long, or as long as a step where
 * steps are shorter.
 */
const longestRecoveryWindowMs = 60_000;

/**
 * What a rollout does next, or undefined while it waits. The whole of it, without a person: a failed gate moves first,
 * then the phase's own rule. Pure, so that a restart goes on where the store stands.
 */
export function decideMove(view: RolloutView): Move | undefined {
  switch (view.state.phase) {
    case 'draft':
      return validate(view) ?? holdAtDeadline(view, `${view.rollout.to} is ${view.candidate.state}`);
    case 'validated':
      return view.state.paused ? undefined : enter(view, nextStage(view), 'the candidate is loaded and answers');
    case 'shadow':
      return stopOnFailure(view) ?? stopOnFailedCopies(view) ?? leaveShadow(view);
    case 'canary':
    case 'bake':
      return stopOnFailure(view) ?? advance(view);
    case 'frozen':
      return stopOnFailure(view) ?? recover(view);
    case 'held':
      return stopOnFailure(view);
    case 'active':
      return view.state.provisional ? confirm(view) : undefined;
    case 'rolled-back':
    case 'aborted':
      return undefined;
  }
}

function validate({ rollout, state, candidate, probed }: RolloutView): Move | undefined {
  if (candidate.state !== 'ready' || !probed) return undefined;
  return { ...stay(state), phase: 'validated', reason: `${rollout.to} is loaded and answers` };
}

/** A place on the way of a rollout. */
export interface Stage {
  readonly phase: 'shadow' | 'canary' | 'bake' | 'active';
  readonly step: number;
}

/** The stage after the one where the rollout stands, or stood when it was frozen or held. */
export function nextStage({ rollout, state }: Pick<RolloutView, 'rollout' | 'state'>): Stage {
  const { steps, shadow } = rollout.plan;
  const phase = state.resumesIn ?? state.phase;
  if (phase === 'bake') return { phase: 'active', step: state.step };
  if (phase === 'canary') return steps.length > state.step + 1 ? canary(state.step + 1) : bakeAfter(steps);
  if (phase !== 'shadow' && shadow !== undefined) return { phase: 'shadow', step: 0 };
  return steps.length > 0 ? canary(0) : bakeAfter(steps);
}

function canary(step: number): Stage {
  return { phase: 'canary', step };
}

function bakeAfter(steps: readonly number[]): Stage {
  return { phase: 'bake', step: Math.max(steps.length - 1, 0) };
}

/** The move into a stage, with the traffic that belongs to it. */
export function enter(view: Pick<RolloutView, 'rollout' | 'state'>, { phase, step }: Stage, because: string): Move {
  return {
    ...stay(view.state),
    phase,
    step,
    traffic: trafficOf(view.rollout, { phase, step }),
    reason: `${describeStage(view.rollout, { phase, step })}: ${because}`,
  };
}

function trafficOf({ plan, from, to }: Rollout, { phase, step }: Stage): NonNullable<Move['traffic']> {
  if (phase === 'active') return { stable: to, weight: 0, shadow: 0 };
  if (phase === 'shadow') return { stable: from, candidate: to, weight: 0, shadow: plan.shadow?.share ?? 0 };
  return { stable: from, candidate: to, weight: phase === 'bake' ? 1 : (plan.steps[step] ?? 1), shadow: 0 };
}

function describeStage({ plan, to }: Rollout, { phase, step }: Stage): string {
  if (phase === 'active') return `${to} is stable`;
  if (phase === 'bake') return `all requests go to ${to}`;
  if (phase === 'shadow') return `${to} gets a copy of ${percent(plan.shadow?.share ?? 0)} of the requests`;
  return `${to} gets ${percent(plan.steps[step] ?? 1)} of the requests`;
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(2))} %`;
}

/** Back to the old version at once. */
export function rollBack(
  { rollout, state }: Pick<RolloutView, 'rollout' | 'state'>,
  decidedBy: string,
  reason: string,
): Move {
  return {
    ...stay(state),
    phase: 'rolled-back',
    provisional: false,
    traffic: { stable: rollout.from, weight: 0, shadow: 0 },
    decidedBy,
    reason,
  };
}

function stopOnFailure(view: RolloutView): Move | undefined {
  const { rollout, state, readings, facts, recent } = view;
  // Stable answered each request that was copied, the busiest key's, too: what fails then is the candidate.
  const assignment = rollout.plan.sticky === 'none' || state.phase === 'shadow' ? 'per-request' : 'sticky';
  const decision = decideFailure(
    rollout.plan.gates,
    readings,
    factsSince(facts, state.evidenceFrom),
    assignment,
    recent,
  );
  if (decision.action === 'none') return undefined;
  const reason = explainFailure(view, decision);
  const waits = state.phase === 'frozen' || state.phase === 'held';
  // Once stable recovers, what the candidate missed beside it must not count against the candidate alone.
  if (decision.action === 'rollback' && !(waits && decision.cause === 'misses-goal')) {
    return rollBack(view, 'gate', reason);
  }
  if (waits || decision.action === 'rollback') return undefined;
  return freeze(view, { cause: decision.cause, gates: decision.because }, reason);
}

/** The weights stay, in a revision of their own: from it on the traffic is watched for its recovery. */
function freeze({ state, traffic }: RolloutView, frozenBy: FreezeCause, reason: string): Move {
  return {
    ...stay(state),
    phase: 'frozen',
    resumesIn: stageOf(state),
    frozenBy,
    traffic: keepTraffic(traffic),
    decidedBy: 'gate',
    reason,
  };
}

function recover(view: RolloutView): Move | undefined {
  const { rollout, state, traffic, facts, readings, now } = view;
  const { frozenBy } = state;
  if (frozenBy?.cause !== 'shared-incident') return holdAtDeadline(view, `${rollout.to} alone has missed a goal`);
  if (now - state.since < Math.min(longestRecoveryWindowMs, rollout.plan.minBakeMs)) return undefined;
  const failed = rollout.plan.gates.filter(
    ({ id }) => frozenBy.gates.includes(id) || readings.some(({ gate, verdict }) => gate === id && verdict === 'fail'),
  );
  // In the bake stable gets no requests that could tell.
  const arm = traffic.weight === 1 ? 'candidate' : 'stable';
  const watched = arm === 'stable' ? rollout.from : rollout.to;
  const verdict = decideRecovery(failed, factsSince(facts, traffic.revision), rollout.plan.detect, arm);
  if (verdict === 'unknown') return holdAtDeadline(view, 'a shared incident goes on');
  if (verdict === 'missing') {
    const because = `${watched} still misses its goals`;
    return holdAtDeadline(view, because) ?? freeze(view, frozenBy, `${because}, so nothing is decided`);
  }
  return {
    ...stay(state),
    phase: stageOf(state),
    traffic: keepTraffic(traffic),
    freshEvidence: 'absolute',
    reason: `${watched} keeps its goals again; the rollout goes on where it was`,
  };
}

/**
 * A person lets an interrupted rollout go on. What froze it counts no longer, and a deadline that has passed begins anew.
 */
export function resume(
  { rollout, state, traffic, now }: Pick<RolloutView, 'rollout' | 'state' | 'traffic' | 'now'>,
  decidedBy: string,
  reason: string,
): Move {
  return {
    ...stay(state),
    phase: stageOf(state),
    traffic: keepTraffic(traffic),
    freshEvidence: state.frozenBy === undefined ? 'none' : 'absolute',
    ...(now < deadlineOf(rollout, state) ? {} : { deadlineAt: now + rollout.plan.deadlineMs }),
    decidedBy,
    reason,
  };
}

/**
 * With or without a goal for errors: a candidate that fails most of its copies goes no further. Of a version that fails one
 * request in twenty by itself this is said with a chance below 10⁻¹⁵ (binomial, 20 of 39), which takes nothing off the budget.
 */
function stopOnFailedCopies(view: RolloutView): Move | undefined {
  const { rollout, state, facts } = view;
  const { exposed, events } = copiesOf(factsSince(facts, state.evidenceFrom));
  if (events < fewestFailedCopies || events <= exposed - events) return undefined;
  const copies = `${events} of ${exposed} copies`;
  return rollBack(view, 'controller', `${rollout.to} failed ${copies} of requests that ${rollout.from} had answered`);
}

const fewestFailedCopies = 20;

function leaveShadow(view: RolloutView): Move | undefined {
  const { rollout, state, shadowPairs } = view;
  const wanted = rollout.plan.shadow?.pairs ?? 0;
  if (state.paused) return undefined;
  if (shadowPairs < wanted) return holdAtDeadline(view, `${shadowPairs} of ${wanted} shadow pairs are there`);
  return enter(view, nextStage(view), `${shadowPairs} requests were answered by both versions`);
}

function advance(view: RolloutView): Move | undefined {
  const { state, rollout } = view;
  if (state.paused) return undefined;
  const decision = decideStep(view);
  if (decision.action === 'wait') return undefined;
  if (decision.action === 'hold') return hold(view, explainObstacles(rollout, decision.obstacles));
  const unconfirmed = decision.unconfirmed;
  const next = nextStage(view);
  const move = enter(view, next, 'nothing failed, and enough was seen');
  if (unconfirmed.length === 0 || next.phase !== 'active') return move;
  return {
    ...move,
    provisional: true,
    reason: `${rollout.to} is stable, provisionally: no verdict yet on ${nameGates(rollout, unconfirmed)}`,
  };
}

function decideStep({ rollout, state, facts, readings, traffic, now }: RolloutView): AdvanceDecision {
  const { plan } = rollout;
  const baking = state.phase === 'bake';
  // With blue-green the switch was the decision; what follows is the time in which it can be undone.
  if (plan.strategy === 'blue-green') {
    const remainingMs = state.since + plan.retentionMs - now;
    return remainingMs > 0
      ? { action: 'wait', obstacles: [{ kind: 'bake', remainingMs }] }
      : { action: 'advance', unconfirmed: [] };
  }
  return decideAdvance({
    gates: plan.gates,
    readings,
    facts,
    step: {
      revision: traffic.revision,
      weight: traffic.weight,
      beganAt: state.since,
      last: baking || state.step === plan.steps.length - 1,
    },
    minBakeMs: plan.minBakeMs,
    deadlineAt: deadlineOf(rollout, state),
    now,
    detect: plan.detect,
    // The last step was not left by itself before all was proven. What comes late may let log E sink again, and from here on
    // nothing is compared that could bring it back.
    promotion: baking && state.decidedBy === 'controller' ? 'detect' : plan.promotion,
  });
}

/** A promotion that waited for labels: they confirm it, or they take it back. */
function confirm(view: RolloutView): Move | undefined {
  const { rollout, state, readings, traffic, now } = view;
  if (traffic.rolloutId !== rollout.id) {
    return {
      ...stay(state),
      provisional: false,
      reason: 'other traffic has followed, so nothing is left to take back',
    };
  }
  const failure = stopOnFailure(view);
  if (failure?.phase === 'rolled-back') return failure;
  const delayed = rollout.plan.gates.filter((gate) => gate.delayed);
  const passed = delayed.every(({ id }) => readings.some(({ gate, verdict }) => gate === id && verdict === 'pass'));
  if (passed) return { ...stay(state), provisional: false, reason: 'feedback and labels have confirmed the promotion' };
  if (now < deadlineOf(rollout, state)) return undefined;
  return { ...stay(state), provisional: false, reason: 'the deadline has passed without enough feedback to judge by' };
}

function holdAtDeadline(view: RolloutView, because: string): Move | undefined {
  return view.now >= deadlineOf(view.rollout, view.state) ? hold(view, because) : undefined;
}

function deadlineOf({ createdAt, plan }: Rollout, { deadlineAt }: RolloutState): number {
  return deadlineAt ?? createdAt + plan.deadlineMs;
}

/** A person decides. The traffic stays. */
function hold({ state }: RolloutView, because: string): Move {
  return {
    ...stay(state),
    phase: 'held',
    resumesIn: stageOf(state),
    ...(state.frozenBy === undefined ? {} : { frozenBy: state.frozenBy }),
    reason: `the deadline has passed and ${because}; give it more time (resume), promote it or roll it back`,
  };
}

function stageOf({ phase, resumesIn }: RolloutState): ResumablePhase {
  if (resumesIn !== undefined) return resumesIn;
  return phase === 'shadow' || phase === 'canary' || phase === 'bake' ? phase : 'draft';
}

/** The traffic as it is, for a revision of its own. */
export function keepTraffic({ stable, candidate, weight, shadow }: Traffic): NonNullable<Move['traffic']> {
  return { stable, weight, shadow, ...(candidate === undefined ? {} : { candidate }) };
}

/** The controller's move that changes nothing yet. */
function stay({ phase, step, provisional }: RolloutState): Move {
  return { phase, step, provisional, freshEvidence: 'none', decidedBy: 'controller', reason: '' };
}
