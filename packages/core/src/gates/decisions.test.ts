import { describe, expect, it } from 'vitest';
import { compileGates, type GateSettings } from './compile-gates.ts';
import { type AdvanceQuestion, decideAdvance } from './decide-advance.ts';
import { decideFailure } from './decide-failure.ts';
import { decideRecovery } from './decide-recovery.ts';
import { evaluateGate } from './evaluate-gate.ts';
import { type Arm, type ExposureCount, noFacts, type RolloutFacts } from './facts.ts';

const settings: GateSettings = {
  falseRollbackBudget: 0.01,
  detect: 5,
  promotion: 'detect',
  sticky: 'none',
  steps: [0.05, 0.25, 0.5],
};
const gates = compileGates({ maxErrorRate: 0.01 }, settings);

/** Requests of one version in one revision, its errors spread evenly over the buckets. */
function served(arm: Arm, requests: number, errors: number, weight = 0.25, revision = 1): RolloutFacts {
  const buckets = Math.ceil(requests / 50);
  const fuller = errors % buckets;
  const row = { revision, arm, event: 'error', requests: 50 } as const;
  const exposure: ExposureCount = {
    revision,
    weight,
    arm,
    event: 'error',
    unit: 'request',
    exposed: requests,
    events: errors,
  };
  return {
    ...noFacts,
    exposures: [exposure],
    buckets: [
      { ...row, events: Math.floor(errors / buckets), buckets: buckets - fuller },
      { ...row, events: Math.floor(errors / buckets) + 1, buckets: fuller },
    ],
  };
}

function both(stable: RolloutFacts, candidate: RolloutFacts): RolloutFacts {
  return {
    ...noFacts,
    exposures: [...stable.exposures, ...candidate.exposures],
    buckets: [...stable.buckets, ...candidate.buckets],
  };
}

const verdicts = (facts: RolloutFacts) =>
  Object.fromEntries(gates.map((gate) => [gate.id, evaluateGate(gate, facts).verdict]));
const decide = (facts: RolloutFacts, assignment: 'per-request' | 'sticky' = 'per-request') =>
  decideFailure(
    gates,
    gates.map((gate) => evaluateGate(gate, facts)),
    facts,
    assignment,
    facts,
  );

describe('compiling goals', () => {
  it('tests a goal of nothing as one in ten thousand, and proves accuracy within two points', () => {
    const strict = compileGates({ maxErrorRate: 0, minAccuracy: 0.9 }, { ...settings, promotion: 'prove' });
    const tests = Object.fromEntries(strict.map(({ id, test }) => [id, test]));
    expect(tests).toMatchObject({
      'maxErrorRate/absolute': { name: 'bucketed', p0: 0.0001, bucketSize: 50 },
      'maxErrorRate/comparative': { name: 'comparative', delta: 1 },
      'maxErrorRate/non-inferiority': { name: 'non-inferiority', delta: 2 },
      'minAccuracy/paired': { name: 'paired-worse', margin: 0 },
      'minAccuracy/non-inferiority': { name: 'paired-no-worse', margin: 0.02 },
    });
  });

  it('waits for no feedback and no label, and for everything else', () => {
    const goals = {
      maxErrorRate: 0.01,
      maxLatencyMs: 500,
      maxTimeToFirstTokenMs: 100,
      maxCostUsd: 1,
      minAccuracy: 0.9,
      minSatisfaction: 0.8,
      minTaskCompletion: 0.8,
    };
    const delayed = compileGates(goals, settings).filter((gate) => gate.delayed);
    expect(new Set(delayed.map(({ goal }) => goal))).toEqual(
      new Set(['minAccuracy', 'minSatisfaction', 'minTaskCompletion']),
    );
  });

  it('gives each goal its gates and shares the whole budget out', () => {
    const compiled = compileGates(
      { maxErrorRate: 0.02, maxLatencyMs: 500, maxTimeToFirstTokenMs: 100, targetThroughputRps: 50, minAccuracy: 0.9 },
      settings,
    );
    expect(compiled.map(({ id }) => id)).toEqual([
      'maxErrorRate/absolute',
      'maxErrorRate/comparative',
      'maxLatencyMs/absolute',
      'maxLatencyMs/comparative',
      'maxTimeToFirstTokenMs/absolute',
      'maxTimeToFirstTokenMs/comparative',
      'minAccuracy/paired',
    ]);
    expect(compiled.reduce((sum, { alpha }) => sum + alpha, 0)).toBeCloseTo(0.01, 12);
    expect(compiled.map((gate) => ('allowed' in gate ? gate.allowed : undefined))).toEqual([
      0.02,
      0.02,
      0.05,
      0.05,
      0.05,
      0.05,
      undefined,
    ]);
  });

  it('keeps proofs out of the budget', () => {
    const proving = compileGates({ maxErrorRate: 0.01, minAccuracy: 0.9 }, { ...settings, promotion: 'prove' });
    const proofs = proving.filter(({ kind }) => kind === 'non-inferiority');
    expect(proofs.map(({ id, alpha, required }) => [id, alpha, required])).toEqual([
      ['maxErrorRate/non-inferiority', 0.05, 0],
      ['minAccuracy/non-inferiority', 0.05, 0],
    ]);
    const others = proving.filter(({ kind }) => kind !== 'non-inferiority');
    expect(others.reduce((sum, { alpha }) => sum + alpha, 0)).toBeCloseTo(0.01, 12);
  });

  it('compares nothing where no step splits the traffic', () => {
    const switching = compileGates({ maxErrorRate: 0.01 }, { ...settings, steps: [1] });
    expect(switching.map(({ id, alpha }) => [id, alpha])).toEqual([['maxErrorRate/absolute', 0.01]]);
  });

  it('has no gate for goals that anything keeps, and a finite test for those that nothing can be shown to keep', () => {
    expect(compileGates({ maxErrorRate: 1, minSatisfaction: 0, minAccuracy: 0 }, settings)).toEqual([]);
    const [strict] = compileGates({ maxErrorRate: 0 }, settings);
    expect(strict?.required).toBeGreaterThan(1000);
    expect(strict?.required).toBeLessThan(100_000);
  });
});

describe('reading gates', () => {
  it('gives no verdict without data, or before silence means something', () => {
    expect(gates.map((gate) => evaluateGate(gate, noFacts).reason)).toEqual(['no-data', 'no-data']);
    const little = both(served('stable', 150, 0), served('candidate', 50, 0));
    expect(gates.map((gate) => evaluateGate(gate, little).reason)).toEqual([
      'not-enough-exposure',
      'not-enough-exposure',
    ]);
  });

  it('passes a candidate that has been seen enough and is as good as stable', () => {
    expect(verdicts(both(served('stable', 6000, 20), served('candidate', 2000, 7)))).toEqual({
      'maxErrorRate/absolute': 'pass',
      'maxErrorRate/comparative': 'pass',
    });
  });

  it('refuses statistics that no traffic can have, and those of another test', () => {
    const [absolute] = gates;
    if (absolute === undefined) throw new Error('There are two gates.');
    const impossible = {
      ...noFacts,
      buckets: [{ revision: 1, arm: 'candidate', event: 'error', requests: 50, events: 51, buckets: 1 }],
    } as const;
    expect(() => evaluateGate(absolute, impossible)).toThrow(RangeError);
  });
});

describe('what a failure does', () => {
  const alone = both(served('stable', 3000, 10), served('candidate', 1000, 60));
  const shared = both(served('stable', 3000, 180), served('candidate', 1000, 60));

  it('is nothing while nothing fails', () => {
    expect(decide(both(served('stable', 3000, 10), served('candidate', 1000, 3)))).toEqual({ action: 'none' });
  });

  it('rolls back when the comparison fails, under either assignment', () => {
    for (const assignment of ['per-request', 'sticky'] as const) {
      expect(decide(alone, assignment)).toEqual({
        action: 'rollback',
        cause: 'worse-than-stable',
        because: ['maxErrorRate/comparative'],
      });
    }
  });

  it('rolls back on an absolute failure alone, where requests were assigned one by one', () => {
    // At a weight of 1 there is no comparison.
    const facts = both(noFacts, served('candidate', 1000, 60, 1));
    expect(decide(facts)).toEqual({ action: 'rollback', cause: 'misses-goal', because: ['maxErrorRate/absolute'] });
  });

  it('freezes on an absolute failure alone, where clients are kept with a version', () => {
    const facts = both(noFacts, served('candidate', 1000, 60, 1));
    expect(decide(facts, 'sticky')).toEqual({
      action: 'freeze',
      cause: 'sticky-keys',
      because: ['maxErrorRate/absolute'],
    });
  });

  it('freezes when stable misses the goal, too, and rolls back once the comparison fails', () => {
    expect(decide(shared)).toEqual({ action: 'freeze', cause: 'shared-incident', because: ['maxErrorRate/absolute'] });
    expect(decide(both(served('stable', 3000, 180), served('candidate', 1000, 200)))).toMatchObject({
      action: 'rollback',
    });
  });

  it('rolls back at the third crash', () => {
    expect(decide({ ...noFacts, crashes: 2 })).toEqual({ action: 'none' });
    expect(decide({ ...noFacts, crashes: 3 })).toEqual({ action: 'rollback', cause: 'crashes', because: [] });
  });
});

describe('whether a shared incident is over', () => {
  it('is unknown until stable has answered enough, and then what its rate says', () => {
    expect(decideRecovery(gates, served('stable', 300, 0), 5, 'stable')).toBe('unknown');
    expect(decideRecovery(gates, served('stable', 1000, 10), 5, 'stable')).toBe('recovered');
    expect(decideRecovery(gates, served('stable', 1000, 11), 5, 'stable')).toBe('missing');
    expect(decideRecovery(gates, served('stable', 1000, 10), 5, 'candidate')).toBe('unknown');
    expect(decideRecovery(gates, served('candidate', 1000, 10), 5, 'candidate')).toBe('recovered');
  });
});

describe('whether a step is passed', () => {
  const facts = both(served('stable', 3000, 10), served('candidate', 1000, 3));
  const ask = (changes: Partial<AdvanceQuestion> = {}) => {
    const seen = changes.facts ?? facts;
    const asked = changes.gates ?? gates;
    return decideAdvance({
      gates: asked,
      readings: asked.map((gate) => evaluateGate(gate, seen)),
      facts: seen,
      step: { revision: 1, weight: 0.25, beganAt: 0, last: false },
      minBakeMs: 600_000,
      deadlineAt: 3_600_000,
      now: 600_000,
      detect: 5,
      promotion: 'detect',
      ...changes,
    });
  };

  it('is from the very millisecond on at which it has baked, and the very request that was wanted', () => {
    expect(ask({ now: 599_999 }).action).toBe('wait');
    const [absolute] = gates;
    if (absolute === undefined) throw new Error('There are two gates.');
    const after = (requests: number, last: boolean) =>
      ask({
        gates: [absolute],
        facts: served('candidate', requests, 0),
        step: { revision: 1, weight: 0.25, beganAt: 0, last },
      }).action;
    expect([after(absolute.required - 1, false), after(absolute.required - 1, true)]).toEqual(['wait', 'wait']);
    expect([after(absolute.required, false), after(absolute.required, true)]).toEqual(['advance', 'advance']);
  });

  it('is, when it has baked, nothing has failed and enough was seen', () => {
    expect(ask()).toEqual({ action: 'advance', unconfirmed: [] });
  });

  it('waits for the minimum bake', () => {
    expect(ask({ now: 540_000 })).toEqual({ action: 'wait', obstacles: [{ kind: 'bake', remainingMs: 60_000 }] });
  });

  it('waits for exposure in this step, whatever the steps before have seen; the last one counts them', () => {
    const step = { revision: 2, weight: 0.25, beganAt: 0, last: false };
    expect(ask({ step })).toEqual({
      action: 'wait',
      obstacles: [
        { kind: 'exposure', gate: 'maxErrorRate/absolute', seen: 0, required: 550 },
        { kind: 'exposure', gate: 'maxErrorRate/comparative', seen: 0, required: 611 },
      ],
    });
    expect(ask({ step: { ...step, last: true } })).toEqual({ action: 'advance', unconfirmed: [] });
  });

  it('does not count at the last step what no reading counts, such as the time before an incident', () => {
    const readings = gates.map((gate) => evaluateGate(gate, gate.kind === 'absolute' ? noFacts : facts));
    expect(ask({ readings, step: { revision: 2, weight: 0.25, beganAt: 0, last: true } })).toEqual({
      action: 'wait',
      obstacles: [{ kind: 'exposure', gate: 'maxErrorRate/absolute', seen: 0, required: 550 }],
    });
  });

  it('never is with a failed gate', () => {
    const bad = both(served('stable', 3000, 10), served('candidate', 1000, 60));
    expect(ask({ facts: bad })).toEqual({
      action: 'wait',
      obstacles: [
        { kind: 'failed', gate: 'maxErrorRate/absolute' },
        { kind: 'failed', gate: 'maxErrorRate/comparative' },
      ],
    });
  });

  it('holds without traffic once the deadline has passed', () => {
    expect(ask({ facts: noFacts, now: 3_600_000 })).toMatchObject({ action: 'hold' });
    expect(ask({ now: 3_600_000 })).toEqual({ action: 'advance', unconfirmed: [] });
  });

  it('names gates on delayed evidence as unconfirmed', () => {
    const delayed = compileGates({ maxErrorRate: 0.02, minSatisfaction: 0.8, minAccuracy: 0.9 }, settings);
    expect(ask({ gates: delayed })).toEqual({
      action: 'advance',
      unconfirmed: ['minSatisfaction/absolute', 'minSatisfaction/comparative', 'minAccuracy/paired'],
    });
  });

  it('asks the last step for a proof under `prove`', () => {
    const proving = compileGates({ maxErrorRate: 0.02 }, { ...settings, promotion: 'prove' });
    const last = { revision: 1, weight: 0.25, beganAt: 0, last: true };
    expect(ask({ gates: proving, promotion: 'prove', step: last })).toEqual({
      action: 'wait',
      obstacles: [{ kind: 'unproven', gate: 'maxErrorRate/non-inferiority' }],
    });
    const long = both(served('stable', 30_000, 150), served('candidate', 10_000, 50));
    expect(ask({ gates: proving, promotion: 'prove', step: last, facts: long })).toMatchObject({ action: 'advance' });
  });
});
