import { describe, expect, it } from 'vitest';
import { bucketedLogE } from './bucketed-test.ts';
import { comparativeLogE } from './comparative-test.ts';
import { evaluateGate, recomputeLogE } from './evaluate-gate.ts';
import { noFacts } from './facts.ts';
import type { Gate, GateStatistics } from './gate.ts';
import { pairedLogE } from './paired-test.ts';

const bucketed = { name: 'bucketed', p0: 0.01, bucketSize: 50 } as const;
const comparative = { name: 'comparative', delta: 1 } as const;
const paired = { name: 'paired-worse', margin: 0 } as const;

describe('statistics that no traffic can have are refused', () => {
  it.each([
    [50.5, 0, 1],
    [50, 0.5, 1],
    [50, 0, 0.5],
    [50, -1, 1],
    [3, 4, 1],
    [51, 0, 1],
    [50, 0, -1],
  ])('buckets of %d requests with %d events, %d times', (requests, events, buckets) => {
    expect(() => bucketedLogE(bucketed, [{ requests, events, buckets }])).toThrow(RangeError);
  });

  it.each([
    [0.5, 0.5, 1],
    [0.5, 1, 0.5],
    [0.5, -1, 1],
    [0.5, 1, -1],
    [-0.1, 1, 1],
    [1.1, 1, 1],
  ])('at a weight of %d, %d events of the candidate and %d of stable', (weight, candidate, stable) => {
    expect(() => comparativeLogE(comparative, [{ weight, candidate, stable }])).toThrow(RangeError);
  });

  it.each([
    { worse: -1, better: 0, same: 0 },
    { worse: 0, better: -1, same: 0 },
    { worse: 0, better: 0, same: -1 },
    { worse: 0.5, better: 0, same: 0 },
    { worse: 0, better: 0.5, same: 0 },
    { worse: 0, better: 0, same: 0.5 },
  ])('pairs: %j', (pairs) => {
    expect(() => pairedLogE(paired, pairs)).toThrow(RangeError);
  });
});

describe('statistics at the edge of what traffic can have are no evidence', () => {
  it('a bucket that was never filled, and one in which everything failed no time', () => {
    const kinds = [
      { requests: 50, events: 50, buckets: 0 },
      { requests: 0, events: 0, buckets: 3 },
    ];
    expect(bucketedLogE(bucketed, kinds)).toBeCloseTo(0, 12);
  });

  it.each([
    { weight: 0, candidate: 3, stable: 9 },
    { weight: 1, candidate: 9, stable: 3 },
    { weight: 0.5, candidate: 0, stable: 0 },
  ])('events while one version had all the traffic, or none at all: %j', (row) => {
    expect(comparativeLogE(comparative, [row])).toBeCloseTo(0, 12);
    expect(comparativeLogE({ name: 'non-inferiority', delta: 2 }, [row])).toBeCloseTo(0, 12);
  });

  it('no pairs at all', () => {
    expect(pairedLogE(paired, { worse: 0, better: 0, same: 0 })).toBeCloseTo(0, 12);
  });
});

describe('a gate is not recalculated from the statistics of another test', () => {
  const common = { goal: 'maxErrorRate', target: 0.01, alpha: 0.01, required: 0, delayed: false } as const;
  const event = { ...common, event: 'error', allowed: 0.01 } as const;
  const gates: readonly Gate[] = [
    { ...event, id: 'absolute', kind: 'absolute', test: bucketed },
    { ...event, id: 'comparative', kind: 'comparative', test: comparative, unit: 'request' },
    { ...common, id: 'paired', kind: 'paired', test: paired },
  ];
  const statistics: readonly GateStatistics[] = gates.map((gate) => evaluateGate(gate, noFacts).statistics);

  it.each(gates.flatMap((gate) => statistics.map((given) => [gate, given] as const)))('%o from %j', (gate, given) => {
    const recompute = () => recomputeLogE(gate, given);
    if (given.test === gate.test.name) expect(recompute()).toBeCloseTo(0, 12);
    else expect(recompute).toThrow(`Statistics of the ${given.test} test say nothing about ${gate.id}.`);
  });

  it('nor from rows of another test under its own name', () => {
    for (const gate of gates) {
      for (const { test: _, ...rows } of statistics.filter(({ test }) => test !== gate.test.name)) {
        expect(() => recomputeLogE(gate, { test: gate.test.name, ...rows } as GateStatistics)).toThrow(RangeError);
      }
    }
  });
});
