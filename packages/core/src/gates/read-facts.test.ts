import { describe, expect, it } from 'vitest';
import { compileGates } from './compile-gates.ts';
import { type BucketCount, type ExposureCount, noFacts } from './facts.ts';
import { copiesOf, exposureOf, isSplit, statisticsOf } from './read-facts.ts';

const compile = (sticky: 'none' | 'key') =>
  compileGates(
    { maxErrorRate: 0.01 },
    { falseRollbackBudget: 0.01, detect: 5, promotion: 'detect', sticky, steps: [0.1, 0.5] },
  );
const [absolute, byRequest] = compile('none');
const [, byKey] = compile('key');
if (absolute === undefined || byRequest === undefined || byKey === undefined) throw new Error('There are two gates.');

const row = (changes: Partial<ExposureCount>): ExposureCount => ({
  revision: 1,
  weight: 0.5,
  arm: 'candidate',
  event: 'error',
  unit: 'request',
  exposed: 100,
  events: 3,
  ...changes,
});
const bucket = (requests: number, events: number, changes: Partial<BucketCount> = {}): BucketCount => ({
  revision: 1,
  arm: 'candidate',
  event: 'error',
  requests,
  events,
  buckets: 2,
  ...changes,
});

describe('a comparison reads', () => {
  const exposures = [
    row({}),
    row({ revision: 2, events: 2 }),
    row({ arm: 'stable', events: 5 }),
    row({ weight: 0.1, events: 1 }),
    row({ event: 'over-latency', events: 70 }),
    row({ unit: 'key', events: 11, exposed: 40 }),
    row({ weight: 0, arm: 'stable', events: 80 }),
    row({ weight: 1, events: 90, exposed: 900 }),
    row({ weight: 0.25, events: 0 }),
  ];

  it('its own event, in its own unit, while both versions had traffic, by weight', () => {
    const facts = { ...noFacts, exposures };
    expect(statisticsOf(byRequest, facts)).toEqual({
      test: 'comparative',
      weights: [
        { weight: 0.1, candidate: 1, stable: 0 },
        { weight: 0.5, candidate: 5, stable: 5 },
      ],
    });
    expect(statisticsOf(byKey, facts)).toEqual({
      test: 'comparative',
      weights: [{ weight: 0.5, candidate: 11, stable: 0 }],
    });
  });

  it('the same whatever order the rows come in', () => {
    const [there, back] = [exposures, exposures.toReversed()].map((rows) =>
      JSON.stringify(statisticsOf(byRequest, { ...noFacts, exposures: rows })),
    );
    expect(there).toBe(back);
  });

  it('as its exposure what the candidate was given beside stable; a goal reads all of it', () => {
    const facts = { ...noFacts, exposures };
    expect(exposureOf(byRequest, facts)).toBe(400);
    expect(exposureOf(byKey, facts)).toBe(40);
    expect(exposureOf(absolute, facts)).toBe(1_300);
  });
});

describe('a goal reads', () => {
  it('the buckets of its own event and of the candidate, over all revisions, in order', () => {
    const buckets = [
      bucket(50, 2),
      bucket(50, 0),
      bucket(30, 9),
      bucket(50, 2, { revision: 2, buckets: 5 }),
      bucket(50, 1, { arm: 'stable' }),
      bucket(50, 4, { event: 'over-latency' }),
      bucket(50, 7, { buckets: 0 }),
    ];
    const expected = {
      test: 'bucketed',
      buckets: [
        { requests: 30, events: 9, buckets: 2 },
        { requests: 50, events: 0, buckets: 2 },
        { requests: 50, events: 2, buckets: 7 },
      ],
    };
    expect(statisticsOf(absolute, { ...noFacts, buckets })).toEqual(expected);
    expect(statisticsOf(absolute, { ...noFacts, buckets: buckets.toReversed() })).toEqual(expected);
  });
});

it.each([
  [0, false],
  [0.001, true],
  [0.999, true],
  [1, false],
])('a weight of %d splits the traffic: %s', (weight, expected) => {
  expect(isSplit(weight)).toBe(expected);
});

it('copies are what the candidate was seen to do without a share of the traffic', () => {
  const copies = { weight: 0, exposed: 7, events: 2 };
  const exposures = [
    row(copies),
    row({ ...copies, revision: 2 }),
    row({}),
    row({ ...copies, arm: 'stable' }),
    row({ ...copies, event: 'unsatisfied' }),
    row({ ...copies, unit: 'key' }),
  ];
  expect(copiesOf({ ...noFacts, exposures })).toEqual({ exposed: 14, events: 4 });
});
