import type { Clock } from '../ports/clock.ts';
import type { Hash } from '../ports/hash.ts';
import type { ReceiptRepository, RolloutRepository } from '../ports/rollout-repository.ts';
import type { Signer } from '../ports/signer.ts';
import { linkReceipts } from '../receipts/link-receipts.ts';
import type { ReceiptDraft, ReceiptHead } from '../receipts/receipt.ts';
import { signHead } from '../receipts/sign-head.ts';
import type { Move, RolloutView } from '../rollouts/decide-move.ts';
import type { Rollout, RolloutState } from '../rollouts/rollout.ts';
import type { Traffic } from '../routing/traffic.ts';

export interface TransitionPorts {
  readonly rollouts: RolloutRepository;
  readonly receipts: ReceiptRepository;
  readonly clock: Pick<Clock, 'now'>;
  readonly hash: Hash;
  readonly signer: Signer;
}

/** What a transition has written. */
export interface RecordedTransition {
  readonly state: RolloutState;
  /** The model's traffic from now on, changed or not. */
  readonly traffic: Traffic;
  readonly head: ReceiptHead;
}

/** What a transition starts from: the view of a rollout, or the rollout alone when it is new. */
export interface TransitionBase extends Pick<RolloutView, 'rollout' | 'traffic' | 'readings'> {
  /** Undefined for a rollout that is not written yet. */
  readonly state: RolloutState | undefined;
}

/**
 * Writes a move down: the rollout's next state, the traffic that it sets, a receipt of the transition and one of each
 * gate, and a signed head, in one atomic batch.
 * @returns undefined when somebody else moved first; nothing has changed then
 */
export async function recordTransition(
  base: TransitionBase,
  move: Move,
  ports: TransitionPorts,
): Promise<RecordedTransition | undefined> {
  for (let attempt = 0; attempt < mostAttempts; attempt += 1) {
    const recorded = await tryTransition(base, move, ports);
    if (recorded !== undefined || (await hasMoved(base, ports))) return recorded;
  }
  return undefined;
}

/** The chain of receipts is the project's: a transition of another model may take the next link at the same moment. */
const mostAttempts = 5;

async function hasMoved(
  { rollout: { projectId, id }, state, traffic }: TransitionBase,
  { rollouts }: TransitionPorts,
): Promise<boolean> {
  const [found, [newest]] = await Promise.all([
    rollouts.findRollout(projectId, id),
    rollouts.listTraffic(projectId, traffic.model, { limit: 1 }),
  ]);
  return found?.state.revision !== state?.revision || (newest?.revision ?? 0) !== traffic.revision;
}

async function tryTransition(
  { rollout, state: before, traffic: current, readings }: TransitionBase,
  move: Move,
  { rollouts, receipts, clock, hash, signer }: TransitionPorts,
): Promise<RecordedTransition | undefined> {
  const { projectId } = rollout;
  const now = clock.now();
  const traffic = move.traffic === undefined ? undefined : nextTraffic(rollout, current, move, now);
  const state = nextState(rollout, before, move, traffic, now);
  const drafts = draftReceipts(rollout, before, state, traffic ?? current, readings);
  const links = linkReceipts(projectId, await receipts.last(projectId), drafts, now, hash);
  const last = links[links.length - 1];
  if (last === undefined) throw new Error('A transition leaves at least one receipt.');
  const head = await signHead(last, now, signer);
  const isWritten = await rollouts.commit(projectId, {
    ...(before === undefined ? { rollout } : {}),
    state,
    ...(traffic === undefined ? {} : { traffic }),
    receipts: links,
    head,
  });
  return isWritten ? { state, traffic: traffic ?? current, head } : undefined;
}

function nextTraffic({ id, model, plan }: Rollout, current: Traffic, move: Move, createdAt: number): Traffic {
  const { stable, candidate, weight, shadow } = move.traffic ?? current;
  const split =
    candidate === undefined
      ? { sticky: 'none' as const, salt: '' }
      : { candidate, sticky: plan.sticky, salt: plan.salt };
  return {
    model,
    revision: current.revision + 1,
    stable,
    weight,
    shadow,
    ...split,
    rolloutId: id,
    decidedBy: move.decidedBy,
    reason: move.reason,
    createdAt,
  };
}

function nextState(
  { id }: Rollout,
  before: RolloutState | undefined,
  move: Move,
  traffic: Traffic | undefined,
  now: number,
): RolloutState {
  const { phase, step, resumesIn, frozenBy, provisional, decidedBy, reason } = move;
  const deadlineAt = move.deadlineAt ?? before?.deadlineAt;
  const sameStage = before !== undefined && before.phase === phase && before.step === step && traffic === undefined;
  return {
    rolloutId: id,
    revision: (before?.revision ?? 0) + 1,
    phase,
    step,
    ...(resumesIn === undefined ? {} : { resumesIn }),
    ...(frozenBy === undefined ? {} : { frozenBy }),
    ...(deadlineAt === undefined ? {} : { deadlineAt }),
    ...nextEvidence(before, move, traffic),
    paused: move.paused ?? before?.paused ?? false,
    since: sameStage ? before.since : now,
    provisional,
    decidedBy,
    reason,
    createdAt: now,
  };
}

function nextEvidence(
  before: RolloutState | undefined,
  { freshEvidence }: Move,
  traffic: Traffic | undefined,
): Pick<RolloutState, 'evidenceFrom' | 'renewedFrom'> {
  const { evidenceFrom = 0, renewedFrom = 0 } = before ?? {};
  if (traffic === undefined || freshEvidence === 'none') return { evidenceFrom, renewedFrom };
  return { evidenceFrom: traffic.revision, renewedFrom: freshEvidence === 'all' ? traffic.revision : renewedFrom };
}

function draftReceipts(
  rollout: Rollout,
  before: RolloutState | undefined,
  state: RolloutState,
  traffic: Traffic,
  readings: RolloutView['readings'],
): readonly ReceiptDraft[] {
  const { id, model, from, to, fromDigest, toDigest, plan } = rollout;
  const about = { model, version: to, versionDigest: toDigest, rolloutId: id };
  const { stable, candidate = null, weight, shadow, revision } = traffic;
  const { evidenceFrom = 0, renewedFrom = 0 } = before ?? {};
  const countedFrom = { evidenceFrom, renewedFrom };
  const decision = { phase: state.phase, step: state.step, decidedBy: state.decidedBy, reason: state.reason };
  return [
    ...readings.map((reading): ReceiptDraft => {
      const gate = plan.gates.find((planned) => planned.id === reading.gate);
      return {
        ...about,
        kind: 'gate',
        body: { gate, reading, from, fromDigest, decision, ...countedFrom },
      };
    }),
    {
      ...about,
      kind: 'rollout',
      body: {
        ...decision,
        revision: state.revision,
        before: before === undefined ? null : { phase: before.phase, step: before.step },
        from,
        fromDigest,
        traffic: { revision, stable, candidate, weight, shadow },
        provisional: state.provisional,
        ...(before === undefined ? { plan } : {}),
      },
    },
  ];
}
