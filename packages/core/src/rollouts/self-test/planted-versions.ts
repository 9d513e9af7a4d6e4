import type { GoalFigures } from '../../gates/compile-gates.ts';
import { defaultRolloutSettings, type RolloutSettings } from '../rollout-settings.ts';

/** How a synthetic version behaves. */
export interface Behaviour {
  /** Share of requests that end in an error. */
  readonly errorRate: number;
  /** Mean of exponentially distributed latencies. */
  readonly meanLatencyMs: number;
  /** Share of requests that cost twice as much as the others, which is above the goal. */
  readonly costlyShare: number;
  /** Share of shadow requests that it answers with the right label. */
  readonly accuracy: number;
  /** One engine crash in so many requests of the version; absent: none. */
  readonly crashEvery?: number;
}

/** A version whose rollout must end in a known way. */
export interface PlantedVersion {
  readonly name: string;
  readonly planted: string;
  readonly behaviour: Behaviour;
  /** Of the version before it. */
  readonly stable: Behaviour;
  readonly settings: RolloutSettings;
  /** What the model promises, where it is less than {@link sandboxGoals}. */
  readonly goals?: GoalFigures;
  readonly expected: {
    readonly phase: 'active' | 'rolled-back' | 'held';
    /** The one rule that has to have stopped it; absent where none may. */
    readonly stoppedBy?: string;
    /** Where it has to have been stopped: in the shadow no client has seen it. Absent: wherever. */
    readonly stoppedIn?: 'shadow';
    /** Whether the promotion must wait to be confirmed by labels. */
    readonly provisional: boolean;
  };
}

/** What the sandbox's model promises. 99.8 % of a healthy version's answers are faster than the limit. */
export const sandboxGoals = { maxErrorRate: 0.02, maxLatencyMs: 650, maxCostUsd: 0.0015, minAccuracy: 0.9 } as const;

/** The old version, and a healthy new one. */
const healthy: Behaviour = { errorRate: 0.002, meanLatencyMs: 100, costlyShare: 0, accuracy: 0.97 };
/** Within every goal, and with enough of every event to compare two versions by. */
const eventful: Behaviour = { errorRate: 0.016, meanLatencyMs: 180, costlyShare: 0.04, accuracy: 0.998 };

const canary: RolloutSettings = {
  ...defaultRolloutSettings,
  steps: [10, 50],
  minBakeMinutes: 1,
  deadlineHours: 24,
};
const shadowed: RolloutSettings = { ...canary, shadow: { percent: 100, pairs: 500 } };
/** Without a split there is no comparison: absolute gates stand alone. */
const blueGreen: RolloutSettings = { ...canary, strategy: 'blue-green', steps: [], retentionMinutes: 10 };
const proving: RolloutSettings = { ...canary, steps: [50], promotion: 'prove' };
/** Six thousand requests, which are plenty for what can be proven. */
const soon: RolloutSettings = { ...proving, deadlineHours: 0.1 };

const stopped = (rule: string) => ({ phase: 'rolled-back', stoppedBy: rule, provisional: false }) as const;
const stoppedInShadow = (rule: string) => ({ ...stopped(rule), stoppedIn: 'shadow' }) as const;
const promoted = { phase: 'active', provisional: false } as const;
const held = { phase: 'held', provisional: false } as const;

/**
 * Versions that each depend on one rule: were any gate, or the limit of crashes, a constant, then one of the bad ones would
 * be promoted or one of the good ones would not.
 */
export const plantedVersions: readonly PlantedVersion[] = [
  {
    name: 'healthy',
    planted: 'nothing is wrong',
    behaviour: healthy,
    stable: healthy,
    settings: shadowed,
    expected: promoted,
  },
  {
    name: 'failing',
    planted: '15 % of the requests fail; the goal is 2 %, and nothing to compare with',
    behaviour: { ...healthy, errorRate: 0.15 },
    stable: healthy,
    settings: blueGreen,
    expected: stopped('maxErrorRate/absolute'),
  },
  {
    name: 'slow',
    planted: '20 % of the answers are slower than the goal allows 5 % to be, and nothing to compare with',
    behaviour: { ...healthy, meanLatencyMs: 400 },
    stable: healthy,
    settings: blueGreen,
    expected: stopped('maxLatencyMs/absolute'),
  },
  {
    name: 'costly',
    planted: 'every request costs twice as much, and nothing to compare with',
    behaviour: { ...healthy, costlyShare: 1 },
    stable: healthy,
    settings: blueGreen,
    expected: stopped('maxCostUsd/absolute'),
  },
  {
    name: 'failing more',
    planted: 'six times the errors of the old version, but within the goal',
    behaviour: { ...healthy, errorRate: 6 * healthy.errorRate },
    stable: healthy,
    settings: { ...canary, steps: [50], minBakeMinutes: 15 },
    goals: { maxErrorRate: sandboxGoals.maxErrorRate },
    expected: stopped('maxErrorRate/comparative'),
  },
  {
    name: 'slower',
    planted: 'twice as slow as the old version, but within the goal',
    behaviour: { ...healthy, meanLatencyMs: 2 * healthy.meanLatencyMs },
    stable: healthy,
    settings: canary,
    expected: stopped('maxLatencyMs/comparative'),
  },
  {
    name: 'costlier',
    planted: '4 % of the requests cost twice as much, which is within the goal; none of the old version does',
    behaviour: { ...healthy, costlyShare: 0.04 },
    stable: healthy,
    settings: canary,
    expected: stopped('maxCostUsd/comparative'),
  },
  {
    name: 'wrong labels',
    planted: '15 % of the labels are wrong; the old version has 3 %',
    behaviour: { ...healthy, accuracy: 0.85 },
    stable: healthy,
    settings: shadowed,
    expected: stoppedInShadow('minAccuracy/paired'),
  },
  {
    name: 'failing copies',
    planted: '10 % of its copies fail in the shadow; the goal is 2 %',
    behaviour: { ...healthy, errorRate: 0.1 },
    stable: healthy,
    settings: { ...shadowed, shadow: { percent: 100, pairs: 1_500 } },
    expected: stoppedInShadow('maxErrorRate/absolute'),
  },
  {
    name: 'crashing',
    planted: 'its engine crashes every 250 requests',
    behaviour: { ...healthy, crashEvery: 250 },
    stable: healthy,
    settings: canary,
    expected: stopped('crashes'),
  },
  {
    name: 'proven',
    planted: 'nothing is wrong, and a promotion needs proof',
    behaviour: eventful,
    stable: eventful,
    settings: { ...proving, shadow: { percent: 100, pairs: 1_500 } },
    expected: promoted,
  },
  {
    name: 'unproven errors',
    planted: 'no errors on either side, which proves nothing about errors',
    behaviour: { ...healthy, errorRate: 0 },
    stable: { ...healthy, errorRate: 0 },
    settings: soon,
    goals: { maxErrorRate: sandboxGoals.maxErrorRate },
    expected: held,
  },
  {
    name: 'unproven latency',
    planted: 'no late answers on either side, which proves nothing about latency',
    behaviour: { ...healthy, errorRate: 0, meanLatencyMs: 20 },
    stable: { ...healthy, errorRate: 0, meanLatencyMs: 20 },
    settings: soon,
    goals: { maxLatencyMs: sandboxGoals.maxLatencyMs },
    expected: held,
  },
  {
    name: 'unproven cost',
    planted: 'no costly requests on either side, which proves nothing about cost',
    behaviour: healthy,
    stable: healthy,
    settings: soon,
    goals: { maxCostUsd: sandboxGoals.maxCostUsd },
    expected: held,
  },
  {
    name: 'unproven labels',
    planted: 'as many wrong labels as the old version but others, and too few to prove it',
    behaviour: { ...eventful, accuracy: 0.7 },
    stable: { ...eventful, accuracy: 0.7 },
    settings: { ...proving, shadow: { percent: 100, pairs: 1_000 } },
    expected: { phase: 'active', provisional: true },
  },
];
