import type { Deployments } from '../deployments/deployments.ts';
import type { VersionSupervisor } from '../deployments/supervise-version.ts';
import { standardBucketSize } from '../gates/bucketed-test.ts';
import type { evaluateGate } from '../gates/evaluate-gate.ts';
import { noFacts } from '../gates/facts.ts';
import { mergeFacts } from '../gates/merge-facts.ts';
import type { FeedbackRepository, ShadowPairRepository } from '../ports/feedback-repository.ts';
import type { Ids } from '../ports/ids.ts';
import type { Notifier } from '../ports/notifier.ts';
import type { RolloutFactsRepository } from '../ports/rollout-facts-repository.ts';
import { decideMove, type RolloutView } from '../rollouts/decide-move.ts';
import { readGates } from '../rollouts/read-gates.ts';
import type { RecentFacts } from '../rollouts/recent-facts.ts';
import type { Rollout, RolloutState } from '../rollouts/rollout.ts';
import type { Traffic } from '../routing/traffic.ts';
import { type RecordedTransition, recordTransition, type TransitionPorts } from './record-transition.ts';

/** What decides about a rollout; the self-test shows what happens with others. */
export interface RolloutRules {
  readonly evaluateGate: typeof evaluateGate;
  readonly decideMove: typeof decideMove;
}

export interface ReconcilePorts extends TransitionPorts {
  readonly projectId: string;
  readonly facts: RolloutFactsRepository;
  readonly feedback: FeedbackRepository;
  readonly pairs: ShadowPairRepository;
  readonly deployments: Deployments;
  readonly recent: RecentFacts;
  readonly ids: Ids;
  readonly notifier: Notifier;
  /** In place of the product's own. */
  readonly rules?: Partial<RolloutRules>;
  /** Whether the version has answered a probe since it was loaded; asks it one if not. Never throws. */
  probe(version: VersionSupervisor): Promise<boolean>;
  /** Told of what was written, after it is in force. */
  onTransition(rollout: Rollout, transition: RecordedTransition): void;
}

/**
 * Brings one rollout one step closer to its end, if anything is called for. Idempotent, and safe to run at the same time
 * elsewhere: what is decided is written under the next revision, which only one can have.
 * @returns whether it moved; then there may be more to do
 */
export async function reconcileRollout(rolloutId: string, ports: ReconcilePorts): Promise<boolean> {
  const view = await observe(rolloutId, ports);
  if (view === undefined) return false;
  const move = (ports.rules?.decideMove ?? decideMove)(view);
  if (move === undefined) return false;
  const transition = await recordTransition(view, move, ports);
  if (transition === undefined) return false;
  ports.deployments.setTraffic(transition.traffic);
  announce(view.rollout, view.state, transition, ports);
  return true;
}

/** Everything that is known of a rollout now, or undefined when it or its model is not here. */
export async function observe(rolloutId: string, ports: ReconcilePorts): Promise<RolloutView | undefined> {
  const { projectId, rollouts, clock } = ports;
  const found = await rollouts.findRollout(projectId, rolloutId);
  if (found === undefined) return undefined;
  const { rollout, state } = found;
  const traffic = await currentTraffic(rollout.model, ports);
  const candidate = ports.deployments.find(rollout.model)?.versions.get(rollout.to);
  if (traffic === undefined || candidate === undefined) return undefined;
  const facts = await gatherFacts(found.rollout, ports);
  const { pairs, failed } =
    rollout.plan.shadow === undefined ? noCopies : await ports.pairs.count(projectId, rolloutId);
  return {
    rollout,
    state,
    traffic,
    facts,
    recent: ports.recent.note(rolloutId, facts, clock.now()),
    readings: readGates(rollout, state, facts, ports.rules?.evaluateGate),
    candidate: { state: candidate.state, ...(candidate.reason === undefined ? {} : { reason: candidate.reason }) },
    probed: state.phase !== 'draft' || (candidate.state === 'ready' && (await ports.probe(candidate))),
    shadowPairs: pairs - failed,
    now: clock.now(),
  };
}

const noCopies = { pairs: 0, failed: 0 };

async function currentTraffic(model: string, { projectId, rollouts }: ReconcilePorts): Promise<Traffic | undefined> {
  const [newest] = await rollouts.listTraffic(projectId, model, { limit: 1 });
  return newest;
}

/** What is counted and told of a rollout, summed up. */
export async function gatherFacts(
  rollout: Rollout,
  { facts, feedback }: Pick<ReconcilePorts, 'facts' | 'feedback'>,
): Promise<RolloutView['facts']> {
  const counted = { ...(await facts.sum(rollout.id)), pairs: noFacts.pairs };
  // Without a gate that reads feedback none is looked for.
  if (!rollout.plan.gates.some(({ delayed }) => delayed)) return counted;
  const told = await feedback.sumForRollout(rollout, standardBucketSize);
  return mergeFacts(counted, { ...told, crashes: 0 });
}

/**
 * Tells the people and systems that want to know, and the host.
 * @param before undefined when the rollout begins
 */
export function announce(
  rollout: Rollout,
  before: RolloutState | undefined,
  transition: RecordedTransition,
  { ids, notifier, onTransition }: ReconcilePorts,
): void {
  const { state, traffic, head } = transition;
  if (!isRepeat(before, state)) {
    notifier.notify({
      id: ids.next(),
      type: `rollout.${state.phase}`,
      summary: `${rollout.model} ${rollout.from} → ${rollout.to}: ${state.phase}: ${state.reason}`,
      data: { rolloutId: rollout.id, model: rollout.model, from: rollout.from, to: rollout.to, state, traffic, head },
      createdAt: state.createdAt,
    });
  }
  onTransition(rollout, transition);
}

/** An incident that goes on is looked at again each minute; people have heard of it. */
function isRepeat(before: RolloutState | undefined, { phase, decidedBy }: RolloutState): boolean {
  return phase === 'frozen' && before?.phase === 'frozen' && decidedBy === 'gate';
}
