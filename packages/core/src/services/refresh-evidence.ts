import { keepTraffic, type Move } from '../rollouts/decide-move.ts';
import type { Rollout, RolloutPhase, RolloutState } from '../rollouts/rollout.ts';
import { announce, observe, type ReconcilePorts } from './reconcile-rollout.ts';
import { recordTransition } from './record-transition.ts';

/** Another upstream stands behind a version than before. */
export interface ChangedUpstream {
  readonly model: string;
  readonly version: string;
  /** In a clause: what it was and what it is. */
  readonly change: string;
}

/**
 * How often one rollout may begin its evidence anew. Each time the chance of a false rollback is spent once more, and an
 * upstream that goes on changing would never be judged; from then on it is judged as the mixture that it is.
 */
const mostRenewals = 5;

/** Phases in which events are evidence, of a decision that is still to come or can be taken back. */
const watched: ReadonlySet<RolloutPhase> = new Set(['shadow', 'canary', 'bake', 'held', 'frozen', 'active']);

/**
 * Begins the evidence of the open rollouts from or to a version anew, in a new revision of the same traffic: what was
 * counted before says nothing of what answers now. The step begins anew with it. Safe to call in every process that
 * notices the same change.
 */
export async function refreshEvidence(changed: ChangedUpstream, ports: ReconcilePorts): Promise<void> {
  const { rollouts, projectId } = ports;
  for (const { rollout } of await rollouts.listOpen(projectId)) {
    if (rollout.model !== changed.model) continue;
    if (rollout.from === changed.version || rollout.to === changed.version) await renew(rollout, changed, ports);
  }
}

async function renew(rollout: Rollout, changed: ChangedUpstream, ports: ReconcilePorts): Promise<void> {
  const reason = describeChange(rollout, changed);
  for (let attempt = 0; attempt < mostAttempts; attempt += 1) {
    const view = await observe(rollout.id, ports);
    if (view === undefined || !watched.has(view.state.phase) || view.traffic.rolloutId !== rollout.id) return;
    const states = await ports.rollouts.listStates(ports.projectId, rollout.id);
    const renewals = states.filter(({ decidedBy }) => decidedBy === decider);
    if (renewals.length >= mostRenewals || renewals.at(-1)?.reason === reason) return;
    const { state } = view;
    const transition = await recordTransition(view, renewalOf(state, keepTraffic(view.traffic), reason), ports);
    if (transition === undefined) continue;
    ports.deployments.setTraffic(transition.traffic);
    announce(rollout, state, transition, ports);
    return;
  }
}

/** Between looking and writing the controller may move the rollout, which makes the change no less true. */
const mostAttempts = 5;

const decider = 'upstream';

function renewalOf(state: RolloutState, traffic: NonNullable<Move['traffic']>, reason: string): Move {
  const { phase, step, resumesIn, frozenBy, provisional } = state;
  return {
    phase,
    step,
    ...(resumesIn === undefined ? {} : { resumesIn }),
    ...(frozenBy === undefined ? {} : { frozenBy }),
    traffic,
    freshEvidence: 'all',
    provisional,
    decidedBy: decider,
    reason,
  };
}

function describeChange({ plan }: Rollout, { model, version, change }: ChangedUpstream): string {
  const budget = `${Number((plan.falseRollbackBudget * 100).toFixed(4))} %`;
  return (
    `the upstream of ${model}@${version} answers as another than before (${change}), so the evidence begins anew, ` +
    `and the budget of ${budget} for a false rollback is spent anew`
  );
}
