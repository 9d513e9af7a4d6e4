import { defaultRolloutSettings, type RolloutSettings } from '../rollout-settings.ts';

/** How a synthetic version behaves. */
export interface Behaviour {
  /** Share of requests that end in an error. */
  readonly errorRate: number;
  /** Mean of exponentially distributed latencies. */
  readonly meanLatencyMs: number;
  readonly costUsd: number;
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
  readonly settings: RolloutSettings;
  readonly expected: {
    readonly phase: 'active' | 'rolled-back';
    /** One of these has to have stopped it, and nothing else; none for a promotion. */
    readonly stoppedBy: readonly string[];
  };
}

/** What the sandbox's model promises. 99.8 % of a healthy version's answers are faster than the limit. */
export const sandboxGoals = { maxErrorRate: 0.02, maxLatencyMs: 650, maxCostUsd: 0.0015, minAccuracy: 0.9 } as const;

/** The old version, and a healthy new one. */
export const healthy: Behaviour = { errorRate: 0.002, meanLatencyMs: 100, costUsd: 0.001, accuracy: 0.97 };

const canary: RolloutSettings = {
  ...defaultRolloutSettings,
  steps: [10, 50],
  minBakeMinutes: 1,
  deadlineHours: 24,
};
const shadowed: RolloutSettings = { ...canary, shadow: { percent: 100, pairs: 2_000 } };
/** Without a split there is no comparison: absolute gates stand alone. */
const blueGreen: RolloutSettings = { ...canary, strategy: 'blue-green', steps: [], retentionMinutes: 10 };

/**
 * One version for each kind of rule, which no other rule would stop in its place: if that rule were a constant, the
 * version would be promoted, or the healthy one would not.
 */
export const plantedVersions: readonly PlantedVersion[] = [
  {
    name: 'healthy',
    planted: 'nothing is wrong',
    behaviour: healthy,
    settings: shadowed,
    expected: { phase: 'active', stoppedBy: [] },
  },
  {
    name: 'failing',
    planted: '15 % of the requests fail; the goal is 2 %, and nothing to compare with',
    behaviour: { ...healthy, errorRate: 0.15 },
    settings: blueGreen,
    expected: { phase: 'rolled-back', stoppedBy: ['maxErrorRate/absolute'] },
  },
  {
    name: 'slow',
    planted: 'twice as slow as the old version, but within the goal',
    behaviour: { ...healthy, meanLatencyMs: 2 * healthy.meanLatencyMs },
    settings: canary,
    expected: { phase: 'rolled-back', stoppedBy: ['maxLatencyMs/comparative'] },
  },
  {
    name: 'costly',
    planted: 'every request costs twice as much',
    behaviour: { ...healthy, costUsd: 2 * healthy.costUsd },
    settings: canary,
    expected: { phase: 'rolled-back', stoppedBy: ['maxCostUsd/absolute', 'maxCostUsd/comparative'] },
  },
  {
    name: 'wrong labels',
    planted: '15 % of the labels are wrong; the old version has 3 %',
    behaviour: { ...healthy, accuracy: 0.85 },
    settings: shadowed,
    expected: { phase: 'rolled-back', stoppedBy: ['minAccuracy/paired'] },
  },
  {
    name: 'crashing',
    planted: 'its engine crashes every 20 requests',
    behaviour: { ...healthy, crashEvery: 20 },
    settings: canary,
    expected: { phase: 'rolled-back', stoppedBy: ['crashes'] },
  },
];
