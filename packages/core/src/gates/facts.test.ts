import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bucketedLogE } from './bucketed-test.ts';
import { compileGates } from './compile-gates.ts';
import { evaluateGate, recomputeLogE } from './evaluate-gate.ts';
import { type EventKind, type KeySighting, noFacts, type RolloutFacts } from './facts.ts';
import { type Assignment, createRequestFold, type FoldedFacts } from './fold-requests.ts';
import { countKeys, factsSince, mergeFacts } from './merge-facts.ts';

const events = ['error', 'over-latency'] as const;
const gates = compileGates(
  { maxErrorRate: 0.01, maxLatencyMs: 500, minAccuracy: 0.9 },
  { falseRollbackBudget: 0.01, detect: 5, promotion: 'prove', sticky: 'none', steps: [0.05, 0.5] },
);

const request = fc.record({
  revision: fc.integer({ min: 1, max: 3 }),
  arm: fc.constantFrom('stable', 'candidate'),
  happened: fc.subarray<EventKind>([...events]),
  replica: fc.integer({ min: 0, max: 2 }),
  drainAfter: fc.boolean(),
});

type Request = typeof request extends fc.Arbitrary<infer Value> ? Value : never;

const weightOf = (revision: number) => [0.05, 0.25, 0.5][revision - 1] ?? 0;

/** Lets replicas fold requests and flush when told to; returns the deltas in the order of the flushes. */
function fold(requests: readonly Request[]): readonly RolloutFacts[] {
  const replicas = [createRequestFold(), createRequestFold(), createRequestFold()];
  const deltas: RolloutFacts[] = [];
  for (const { revision, arm, happened, replica, drainAfter } of requests) {
    const chosen = replicas[replica];
    if (chosen === undefined) throw new Error('There are three replicas.');
    const open = chosen.assign({ revision, weight: weightOf(revision), arm, exposedTo: events });
    chosen.settle(open, happened);
    if (drainAfter) deltas.push(chosen.drain().facts);
  }
  return [...deltas, ...replicas.map((replica) => replica.drain().facts)];
}

const sumOf = (deltas: readonly RolloutFacts[]) => deltas.reduce(mergeFacts, noFacts);
const read = (facts: RolloutFacts) => gates.map((gate) => evaluateGate(gate, facts));

describe('facts', () => {
  it('add up to the same in any order and grouping of replicas and flushes', () => {
    fc.assert(
      fc.property(fc.array(request, { maxLength: 300 }), fc.nat(), (requests, cut) => {
        const deltas = fold(requests);
        const middle = cut % (deltas.length + 1);
        const grouped = mergeFacts(sumOf(deltas.slice(middle)), sumOf(deltas.slice(0, middle).toReversed()));
        expect(grouped).toEqual(sumOf(deltas));
        expect(read(grouped)).toEqual(read(sumOf(deltas)));
      }),
    );
  });

  it('give the same log E when they are read one flush after the other as when they are read at once', () => {
    fc.assert(
      fc.property(fc.array(request, { maxLength: 300 }), (requests) => {
        const often = requests.map((one) => ({ ...one, replica: 0, drainAfter: true }));
        const once = requests.map((one) => ({ ...one, replica: 0, drainAfter: false }));
        expect(read(sumOf(fold(often)))).toEqual(read(sumOf(fold(once))));
      }),
    );
  });

  it('and readings survive JSON, and the statistics of a reading give its log E', () => {
    fc.assert(
      fc.property(fc.array(request, { maxLength: 300 }), (requests) => {
        const facts = sumOf(fold(requests));
        expect(JSON.parse(JSON.stringify(facts))).toEqual(facts);
        for (const gate of gates) {
          const reading = JSON.parse(JSON.stringify(evaluateGate(gate, facts)));
          expect(reading).toEqual(evaluateGate(gate, facts));
          expect(recomputeLogE(JSON.parse(JSON.stringify(gate)), reading.statistics)).toBe(reading.logE);
        }
      }),
    );
  });

  it('count each request and event once', () => {
    fc.assert(
      fc.property(fc.array(request, { maxLength: 300 }), (requests) => {
        const { exposures, buckets } = sumOf(fold(requests));
        for (const event of events) {
          const rows = exposures.filter((row) => row.event === event);
          const happened = requests.filter((one) => one.happened.includes(event)).length;
          expect(rows.reduce((sum, row) => sum + row.exposed, 0)).toBe(requests.length);
          expect(rows.reduce((sum, row) => sum + row.events, 0)).toBe(happened);
          const inBuckets = buckets.filter((row) => row.event === event);
          expect(inBuckets.reduce((sum, row) => sum + row.events * row.buckets, 0)).toBe(happened);
          expect(inBuckets.every((row) => row.buckets > 0)).toBe(true);
        }
      }),
    );
  });

  it('since a revision leave out what was assigned before', () => {
    const facts = sumOf(
      fold(
        [1, 2, 3].map((revision) => ({
          revision,
          arm: 'candidate',
          happened: ['error'],
          replica: 0,
          drainAfter: false,
        })),
      ),
    );
    expect(factsSince(facts, 2).exposures.map(({ revision }) => revision)).toEqual([2, 2, 3, 3]);
    expect(factsSince(facts, 3).buckets.map(({ revision }) => revision)).toEqual([3, 3]);
  });
});

describe('the fold of requests', () => {
  const assignment: Assignment = { revision: 1, weight: 0.5, arm: 'candidate', exposedTo: ['error'] };
  const bucketsIn = ({ facts }: FoldedFacts) =>
    facts.buckets.map(({ requests, events: happened, buckets }) => [requests, happened, buckets]);

  it('hands out an open bucket as if it were full, and then its moves', () => {
    const requests = createRequestFold();
    const first = requests.assign(assignment);
    const second = requests.assign(assignment);
    expect(bucketsIn(requests.drain())).toEqual([[50, 0, 1]]);
    requests.settle(second, ['error']);
    expect(bucketsIn(requests.drain())).toEqual([
      [50, 0, -1],
      [50, 1, 1],
    ]);
    requests.settle(first, []);
    expect(requests.drain().facts).toEqual({
      ...noFacts,
      exposures: [
        { revision: 1, weight: 0.5, arm: 'candidate', event: 'error', unit: 'request', exposed: 1, events: 0 },
      ],
    });
  });

  it('cuts buckets by assignment, so that late failures join the requests they were assigned with', () => {
    const requests = createRequestFold(2);
    const open = [1, 2, 3].map(() => requests.assign(assignment));
    for (const one of open.toReversed()) requests.settle(one, ['error']);
    expect(bucketsIn(requests.drain())).toEqual([
      [2, 1, 1],
      [2, 2, 1],
    ]);
  });

  it('never shows more evidence early than the full bucket will give', () => {
    const [absolute] = gates;
    if (absolute === undefined) throw new Error('There are gates.');
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 50, maxLength: 50 }), (fates) => {
        const requests = createRequestFold();
        const looks = fates.map((fails) => {
          requests.settle(requests.assign(assignment), fails ? ['error'] : []);
          return requests.drain().facts;
        });
        const logEs = looks.map((_, last) => evaluateGate(absolute, sumOf(looks.slice(0, last + 1))).logE);
        const whole = bucketedLogE({ name: 'bucketed', p0: 0.01, bucketSize: 50 }, [
          { requests: 50, events: fates.filter(Boolean).length, buckets: 1 },
        ]);
        expect(Math.max(...logEs)).toBe(logEs.at(-1));
        expect(logEs.at(-1)).toBe(whole);
      }),
    );
  });

  it('ends open buckets at their size when they are cut, and begins new ones', () => {
    const requests = createRequestFold();
    requests.settle(requests.assign(assignment), ['error']);
    requests.drain();
    expect(bucketsIn(requests.drain('cut'))).toEqual([
      [1, 1, 1],
      [50, 1, -1],
    ]);
    expect(bucketsIn(requests.drain('cut'))).toEqual([]);
    requests.settle(requests.assign(assignment), []);
    expect(bucketsIn(requests.drain())).toEqual([[50, 0, 1]]);
  });

  it('takes feedback in the order in which it speaks', () => {
    const requests = createRequestFold();
    requests.report(assignment, 'unsatisfied', true);
    requests.report(assignment, 'unsatisfied', false);
    const { facts } = requests.drain();
    expect(facts.exposures).toEqual([
      { revision: 1, weight: 0.5, arm: 'candidate', event: 'unsatisfied', unit: 'request', exposed: 2, events: 1 },
    ]);
    expect(facts.buckets).toEqual([
      { revision: 1, arm: 'candidate', event: 'unsatisfied', requests: 50, events: 1, buckets: 1 },
    ]);
  });

  it('reports each sticky key once as exposed and once as hit, however often it comes', () => {
    const requests = createRequestFold();
    for (let turn = 0; turn < 3; turn++) {
      requests.settle(requests.assign({ ...assignment, key: 'a' }), ['error']);
      requests.settle(requests.assign({ ...assignment, key: 'b' }), []);
    }
    expect(requests.drain().sightings.map(({ key, happened }) => [key, happened])).toEqual([
      ['a', false],
      ['a', true],
      ['b', false],
    ]);
  });
});

describe('counting keys', () => {
  const sighting: KeySighting = { revision: 1, weight: 0.1, arm: 'stable', event: 'error', happened: true, key: 'a' };

  it('keeps the first sighting of a key in a rollout, also when the key has changed its version since', () => {
    expect(countKeys([sighting, { ...sighting, revision: 2, weight: 0.5, arm: 'candidate' }])).toEqual([
      { revision: 1, weight: 0.1, arm: 'stable', event: 'error', unit: 'key', exposed: 0, events: 1 },
    ]);
  });
});
