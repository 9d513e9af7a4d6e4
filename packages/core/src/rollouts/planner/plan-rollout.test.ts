import { describe, expect, it } from 'vitest';
import type { GoalFigures } from '../../gates/compile-gates.ts';
import { type PlanSettings, planRollout } from './plan-rollout.ts';

const settings: PlanSettings = {
  falseRollbackBudget: 0.01,
  detect: 5,
  promotion: 'detect',
  sticky: 'none',
  steps: [0.05, 0.25, 0.5],
  minBakeMinutes: 10,
  deadlineHours: 48,
};
const goals = { maxErrorRate: 0.01 };

describe('planning a rollout', () => {
  it('says what each gate needs, in requests and in time', () => {
    const { gates, sentences } = planRollout(goals, { requestsPerMinute: 20 }, settings);
    expect(gates[0]).toEqual({
      gate: 'maxErrorRate/absolute',
      weight: 0.05,
      unit: 'requests',
      toFail: { double: { units: 4050, minutes: 4050 }, detect: { units: 550, minutes: 550 } },
    });
    expect(sentences[0]).toBe(
      'Errors against the goal of 1 %: at 20 requests/min and 5 % it needs 2.8 days (4050 requests) to see errors double, and needs 9.2 h (550 requests) to see 5 times as many.',
    );
  });

  it('foresees each step by its slowest gate, and never shorter than the minimum bake', () => {
    const slow = planRollout(goals, { requestsPerMinute: 20 }, settings);
    expect(slow.steps[0]).toEqual({ weight: 0.05, minutes: 550, slowest: 'maxErrorRate/absolute' });
    expect(slow.fitsDeadline).toBe(true);
    const fast = planRollout(goals, { requestsPerMinute: 60_000 }, settings);
    expect(fast.steps.map(({ minutes }) => minutes)).toEqual([10, 10, 10]);
    expect(fast.minutes).toBe(30);
  });

  it('takes twice as long with half the traffic', () => {
    const whole = planRollout(goals, { requestsPerMinute: 2 }, { ...settings, minBakeMinutes: 0 });
    const half = planRollout(goals, { requestsPerMinute: 1 }, { ...settings, minBakeMinutes: 0 });
    expect(half.minutes / whole.minutes).toBeCloseTo(2, 10);
  });

  it('offers the most careful plan that fits the deadline', () => {
    const plan = planRollout(goals, { requestsPerMinute: 20 }, { ...settings, deadlineHours: 6 });
    expect(plan.fitsDeadline).toBe(false);
    expect(plan.proposal?.steps).toEqual([0.1, 0.5]);
    expect(plan.proposal?.minutes).toBeLessThanOrEqual(360);
    expect(plan.sentences.at(-1)).toBe('Steps of 10, 50 % take 5.3 h and fit.');
  });

  it('says when no plan fits', () => {
    const plan = planRollout(goals, { requestsPerMinute: 0.1 }, settings);
    expect(plan.proposal).toBeUndefined();
    expect(plan.sentences.at(-1)).toBe('No step plan fits the deadline of 48 h.');
  });

  it('never ends without traffic for a gate on immediate evidence; delayed evidence stops no step', () => {
    const streams = planRollout(
      { maxTimeToFirstTokenMs: 100 },
      { requestsPerMinute: 20, exposedShares: { 'over-first-token': 0 } },
      settings,
    );
    expect(streams.minutes).toBe(Number.POSITIVE_INFINITY);
    const unlabelled = planRollout({ ...goals, minAccuracy: 0.9 }, { requestsPerMinute: 20 }, settings);
    expect(unlabelled.fitsDeadline).toBe(true);
    expect(unlabelled.sentences.find((sentence) => sentence.startsWith('Accuracy'))).toBe(
      'Accuracy against stable on the same requests: at 20 requests/min and 5 % it never gets enough labelled pairs to see wrong answers double, and never gets enough labelled pairs to see 5 times as many.',
    );
  });

  it('counts keys where clients are kept with a version', () => {
    const { gates } = planRollout(
      goals,
      { requestsPerMinute: 20, newKeysPerMinute: 1 },
      { ...settings, sticky: 'key' },
    );
    expect(gates[1]?.unit).toBe('keys');
    expect(gates[1]?.toFail?.detect.minutes).toBeCloseTo((gates[1]?.toFail?.detect.units ?? 0) / 0.05, 6);
  });

  it('says whether the shadow is long enough to see failing copies, where there is a goal for errors', () => {
    const shadowSentences = (pairs: number, goals: GoalFigures) =>
      planRollout(goals, { requestsPerMinute: 20 }, { ...settings, shadow: { pairs } }).sentences.filter((sentence) =>
        sentence.includes('shadow'),
      );
    const takes = (pairs: number, enough: string) => [
      `The ${pairs} pairs of the shadow ${enough} to see 5 times the errors that the goal allows before a client does: that takes 550 copies.`,
    ];
    expect(shadowSentences(549, goals)).toEqual(takes(549, 'are too few'));
    expect(shadowSentences(550, goals)).toEqual(takes(550, 'are enough'));
    expect(shadowSentences(550, { maxLatencyMs: 500 })).toEqual([]);
  });

  it('needs longer for a proof', () => {
    const detecting = planRollout(goals, { requestsPerMinute: 200 }, settings);
    const proving = planRollout(goals, { requestsPerMinute: 200 }, { ...settings, promotion: 'prove' });
    expect(proving.steps.at(-1)?.slowest).toBe('maxErrorRate/non-inferiority');
    expect(proving.minutes).toBeGreaterThan(detecting.minutes);
  });
});
