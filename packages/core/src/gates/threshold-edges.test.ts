import { describe, expect, it } from 'vitest';
import { compileGates } from './compile-gates.ts';
import { decideRecovery } from './decide-recovery.ts';
import { evaluateGate, stableMissesGoal } from './evaluate-gate.ts';
import { type Arm, noFacts, type RolloutFacts } from './facts.ts';
import { regressedRate, requiredExposure, requiredPairs } from './required-exposure.ts';

const [absolute, comparative] = compileGates(
  { maxErrorRate: 0.01 },
  { falseRollbackBudget: 0.01, detect: 5, promotion: 'detect', sticky: 'none', steps: [0.5] },
);
if (absolute?.kind !== 'absolute' || comparative?.kind !== 'comparative') throw new Error('There are two gates.');

const requests = (arm: Arm, exposed: number, events: number): RolloutFacts => ({
  ...noFacts,
  exposures: [{ revision: 1, weight: 0.5, arm, event: 'error', unit: 'request', exposed, events }],
});
const buckets = (arm: Arm, events: number, count: number): RolloutFacts => ({
  ...noFacts,
  buckets: [{ revision: 1, arm, event: 'error', requests: 50, events, buckets: count }],
});

describe('the threshold of a gate', () => {
  it('is the logarithm of 1/α', () => {
    expect(evaluateGate(absolute, noFacts).threshold).toBeCloseTo(Math.log(200), 12);
    expect(evaluateGate({ ...absolute, alpha: 0.0001 }, noFacts).threshold).toBeCloseTo(Math.log(10_000), 12);
  });

  it('is reached by an E that is just as high', () => {
    // Without evidence E is 1, which is 1/α for an α of 1.
    expect(evaluateGate({ ...comparative, alpha: 1 }, noFacts)).toMatchObject({
      logE: 0,
      threshold: 0,
      verdict: 'fail',
    });
  });

  it('lets silence count from the very exposure that it takes', () => {
    const verdictAfter = (exposed: number) => evaluateGate(absolute, requests('candidate', exposed, 0)).verdict;
    expect(verdictAfter(absolute.required - 1)).toBe('inconclusive');
    expect(verdictAfter(absolute.required)).toBe('pass');
  });
});

it('a gate on pairs has seen every pair with a label, whoever was right', () => {
  const [paired] = compileGates(
    { minAccuracy: 0.9 },
    { falseRollbackBudget: 0.01, detect: 5, promotion: 'detect', sticky: 'none', steps: [] },
  );
  if (paired === undefined) throw new Error('There is one gate.');
  expect(evaluateGate(paired, { ...noFacts, pairs: { worse: 1, better: 20, same: 300 } }).exposure).toBe(321);
});

describe('an incident is shared when stable misses the goal with an E of 20', () => {
  it.each([
    [100, 5, true],
    [190, 7, false],
    [300, 9, false],
  ])('of late: of %i requests %i failed: %s', (exposed, events, isMissed) => {
    expect(stableMissesGoal(absolute, noFacts, requests('stable', exposed, events))).toBe(isMissed);
    expect(stableMissesGoal(absolute, noFacts, requests('candidate', exposed, events))).toBe(false);
  });

  it.each([
    [4, true],
    [3, false],
  ])('over the rollout: %i buckets with two errors each: %s', (count, isMissed) => {
    expect(stableMissesGoal(absolute, buckets('stable', 2, count), noFacts)).toBe(isMissed);
    expect(stableMissesGoal(absolute, buckets('candidate', 2, count), noFacts)).toBe(false);
  });
});

it('an incident is over from the very requests on that it takes to tell', () => {
  const after = (exposed: number) => decideRecovery([absolute], requests('stable', exposed, 0), 5, 'stable');
  expect(after(absolute.required - 1)).toBe('unknown');
  expect(after(absolute.required)).toBe('recovered');
});

describe('what must not go unnoticed', () => {
  it('is so many times the events, and never more than leaves that part of the good answers', () => {
    expect(regressedRate(0.01, 5)).toBeCloseTo(0.05, 12);
    expect(regressedRate(0.5, 5)).toBeCloseTo(0.9, 12);
  });

  it('takes nothing of a comparison that has nothing to compare', () => {
    expect([0, 1].map((weight) => requiredExposure(comparative, 5, weight))).toEqual([0, 0]);
  });

  it('takes as many pairs as versions need that err independently of each other', () => {
    const [paired] = compileGates(
      { minAccuracy: 0.95 },
      { falseRollbackBudget: 0.01, detect: 5, promotion: 'detect', sticky: 'none', steps: [] },
    );
    if (paired?.kind !== 'paired') throw new Error('There is one gate on pairs.');
    // Wrong on 5 and on 25 %: they differ on 0.05 · 0.75 + 0.25 · 0.95 of the pairs.
    expect(paired.required).toBe(requiredPairs(paired.test, 0.2, 0.275, 0.01));
  });

  it('proves with pairs that are all alike, or all better, after as many as the largest bet needs', () => {
    const proof = { name: 'paired-no-worse', margin: 0.02 } as const;
    const pairsAt = (gain: number) => Math.ceil(Math.log(16 / 0.05) / Math.log1p((0.9 / 0.98) * gain));
    expect(requiredPairs(proof, 0, 0, 0.05)).toBe(pairsAt(0.02));
    expect(requiredPairs(proof, -1, 1, 0.05)).toBe(pairsAt(1.02));
  });
});
