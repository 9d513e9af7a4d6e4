import type { GoalFigures } from '../src/gates/compile-gates.ts';
import type { EventKind, RolloutFacts } from '../src/gates/facts.ts';
import { noFacts } from '../src/gates/facts.ts';
import type { RolloutView } from '../src/rollouts/decide-move.ts';
import { readGates } from '../src/rollouts/read-gates.ts';
import type { Rollout, RolloutState } from '../src/rollouts/rollout.ts';
import { compilePlan, defaultRolloutSettings, type RolloutSettings } from '../src/rollouts/rollout-settings.ts';

/** Requests of one version at one revision, and the events that happened on them. */
export interface SeenRequests {
  readonly arm: 'stable' | 'candidate';
  readonly exposed: number;
  readonly events: number;
  readonly revision?: number;
  readonly weight?: number;
  readonly event?: EventKind;
}

/** Facts of requests whose events are spread evenly over buckets of 50. */
export function seen(...requests: readonly SeenRequests[]): RolloutFacts {
  return {
    ...noFacts,
    exposures: requests.map(({ revision = 3, weight = 0.5, event = 'error', ...counts }) => ({
      revision,
      weight,
      event,
      unit: 'request',
      ...counts,
    })),
    buckets: requests.flatMap(({ revision = 3, event = 'error', arm, exposed, events }) => {
      const buckets = Math.floor(exposed / 50);
      const each = Math.floor(events / buckets);
      const more = events - each * buckets;
      const row = { revision, event, arm, requests: 50 };
      return [
        { ...row, events: each, buckets: buckets - more },
        { ...row, events: each + 1, buckets: more },
      ].filter((counted) => counted.buckets > 0);
    }),
  };
}

/** A view of a rollout at its second and last step, at half of the traffic, an hour after its start. */
export function viewRollout(
  changes: {
    readonly settings?: Partial<RolloutSettings>;
    readonly goals?: GoalFigures;
    readonly state?: Partial<RolloutState>;
    readonly view?: Partial<Omit<RolloutView, 'rollout' | 'state' | 'readings'>>;
  } = {},
): RolloutView {
  const settings = {
    ...defaultRolloutSettings,
    steps: [10, 50],
    minBakeMinutes: 10,
    deadlineHours: 2,
    ...changes.settings,
  };
  const rollout: Rollout = {
    id: 'r1',
    projectId: 'default',
    model: 'chat',
    from: '1.0.0',
    to: '1.1.0',
    fromDigest: 'a',
    toDigest: 'b',
    plan: compilePlan(settings, changes.goals ?? { maxErrorRate: 0.01 }, 'salt'),
    createdAt: 0,
    createdBy: 'manifest',
    reason: '',
  };
  const state: RolloutState = {
    rolloutId: 'r1',
    revision: 4,
    phase: 'canary',
    step: 1,
    evidenceFrom: 0,
    renewedFrom: 0,
    paused: false,
    since: 45 * 60_000,
    provisional: false,
    decidedBy: 'controller',
    reason: '',
    createdAt: 0,
    ...changes.state,
  };
  const facts = changes.view?.facts ?? noFacts;
  return {
    rollout,
    state,
    traffic: {
      model: 'chat',
      revision: 3,
      stable: '1.0.0',
      candidate: '1.1.0',
      weight: 0.5,
      shadow: 0,
      sticky: settings.sticky,
      salt: 'salt',
      rolloutId: 'r1',
      decidedBy: 'controller',
      reason: '',
      createdAt: 0,
    },
    facts,
    recent: facts,
    candidate: { state: 'ready' },
    probed: true,
    shadowPairs: 0,
    now: 60 * 60_000,
    ...changes.view,
    readings: readGates(rollout, state, facts),
  };
}
