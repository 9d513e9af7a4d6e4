import type { GateReading } from '@scarmonit/core/gates/gate';
import type { RolloutWithState } from '@scarmonit/core/ports/rollout-repository';
import type { Rollout, RolloutState } from '@scarmonit/core/rollouts/rollout';
import type { Traffic } from '@scarmonit/core/routing/traffic';
import type { ArmCounts, RolloutDetail } from '@scarmonit/core/services/agent-services';
import type {
  ArmCountsView,
  GateView,
  RolloutDetailView,
  RolloutPlanView,
  RolloutStateView,
  RolloutView,
  TrafficView,
} from '@scarmonit/protocol/admin/rollout';

export function toRolloutView({ rollout, state }: RolloutWithState): RolloutView {
  const { id, model, from, to, plan, createdAt, createdBy, reason } = rollout;
  return { id, model, from, to, strategy: plan.strategy, createdAt, createdBy, reason, state: toStateView(state) };
}

export function toDetailView(detail: RolloutDetail): RolloutDetailView {
  const { rollout, traffic, readings, counts, crashes, shadowPairs, states } = detail;
  return {
    ...toRolloutView(detail),
    fromDigest: rollout.fromDigest,
    toDigest: rollout.toDigest,
    plan: toPlanView(rollout.plan),
    traffic: toTrafficView(traffic),
    gates: readings.flatMap((reading) => toGateView(rollout, reading)),
    counts: { stable: toCountsView(counts.stable), candidate: toCountsView(counts.candidate) },
    crashes,
    shadowPairs,
    states: states.map(toStateView),
  };
}

export function toTrafficView(traffic: Traffic): TrafficView {
  const { revision, stable, candidate, weight, shadow, sticky, rolloutId, decidedBy, reason, createdAt } = traffic;
  return {
    revision,
    stable,
    candidate: candidate ?? null,
    weight,
    shadow,
    sticky,
    rolloutId: rolloutId ?? null,
    decidedBy,
    reason,
    createdAt,
  };
}

function toStateView(state: RolloutState): RolloutStateView {
  const { revision, phase, step, paused, provisional, since, decidedBy, reason, createdAt } = state;
  return { revision, phase, step, paused, provisional, since, decidedBy, reason, createdAt };
}

/** The salt stays inside: whoever knows it can choose request ids that get the candidate. */
function toPlanView({ gates: _, salt: __, shadow, ...plan }: Rollout['plan']): RolloutPlanView {
  return { ...plan, steps: [...plan.steps], require: [...plan.require], shadow: shadow ?? null };
}

function toGateView({ plan }: Rollout, reading: GateReading): GateView[] {
  const gate = plan.gates.find(({ id }) => id === reading.gate);
  if (gate === undefined) return [];
  const { id, goal, kind, target, alpha, delayed } = gate;
  const { verdict, reason, logE, threshold, exposure, required } = reading;
  return [
    { id, goal, kind, target, alpha, delayed, verdict, why: reason ?? null, logE, threshold, exposure, required },
  ];
}

function toCountsView({ requests, events }: ArmCounts): ArmCountsView {
  return {
    requests,
    events: Object.entries(events).map(([event, counts]) => ({
      event: event as ArmCountsView['events'][number]['event'],
      ...counts,
    })),
  };
}
