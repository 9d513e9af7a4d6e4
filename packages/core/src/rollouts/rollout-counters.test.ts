import { describe, expect, it } from 'vitest';
import { noFacts, type RolloutFacts } from '../gates/facts.ts';
import { mergeFacts } from '../gates/merge-facts.ts';
import { copiesOf } from '../gates/read-facts.ts';
import type { Traffic } from '../routing/traffic.ts';
import { type RequestEnd, RolloutCounters } from './rollout-counters.ts';
import { compilePlan, defaultRolloutSettings } from './rollout-settings.ts';

const goals = { maxErrorRate: 0.01, maxLatencyMs: 500, maxTimeToFirstTokenMs: 100, maxCostUsd: 0.01 };
const rollout = (id: string, to = '1.1.0') => ({
  id,
  model: 'chat',
  to,
  plan: compilePlan({ ...defaultRolloutSettings, steps: [50] }, { ...goals, minSatisfaction: 0.9 }, 'salt'),
});
const traffic: Traffic = {
  model: 'chat',
  revision: 3,
  stable: '1.0.0',
  candidate: '1.1.0',
  weight: 0.5,
  shadow: 0,
  sticky: 'none',
  salt: 'salt',
  rolloutId: 'r1',
  decidedBy: 'controller',
  reason: '',
  createdAt: 0,
};
const good: RequestEnd = { outcome: 'ok', latencyMs: 500, firstTokenMs: 100, costUsd: 0.01 };

function count(...ends: readonly (Partial<RequestEnd> & { readonly stream?: boolean })[]): RolloutFacts {
  const counters = new RolloutCounters();
  counters.add(rollout('r1'));
  for (const { stream = true, ...end } of ends) {
    counters.begin(traffic, 'candidate', stream, undefined)?.end({ ...good, ...end });
  }
  return drain(counters);
}

const drain = (counters: RolloutCounters): RolloutFacts =>
  counters
    .drain()
    .reduce((sum, { folded, crashes }) => mergeFacts(sum, { ...folded.facts, pairs: noFacts.pairs, crashes }), noFacts);

/** Which events were exposed and which happened, of one request. */
function eventsOf(end: Partial<RequestEnd> & { readonly stream?: boolean }): Readonly<Record<string, number>> {
  return Object.fromEntries(count(end).exposures.map(({ event, events }) => [event, events]));
}

describe('counting a request', () => {
  it('counts what exactly reaches its goals as kept, and feedback never', () => {
    expect(eventsOf({})).toEqual({ error: 0, 'over-latency': 0, 'over-first-token': 0, 'over-cost': 0 });
  });

  it.each([
    [{ latencyMs: 500.1 }, { error: 0, 'over-latency': 1, 'over-first-token': 0, 'over-cost': 0 }],
    [{ firstTokenMs: 101 }, { error: 0, 'over-latency': 0, 'over-first-token': 1, 'over-cost': 0 }],
    [{ firstTokenMs: undefined }, { error: 0, 'over-latency': 0, 'over-first-token': 1, 'over-cost': 0 }],
    [{ costUsd: 0.011 }, { error: 0, 'over-latency': 0, 'over-first-token': 0, 'over-cost': 1 }],
    [{ outcome: 'error' as const }, { error: 1, 'over-latency': 1, 'over-first-token': 0, 'over-cost': 0 }],
    [{ outcome: 'timeout' as const }, { error: 1, 'over-latency': 1, 'over-first-token': 0, 'over-cost': 0 }],
    [
      { stream: false, firstTokenMs: undefined },
      { error: 0, 'over-latency': 0, 'over-cost': 0 },
    ],
  ])('sees in %j what happened', (end, expected) => {
    expect(eventsOf(end)).toEqual(expected);
  });

  it.each(['client_error', 'limited', 'cancelled'] as const)(
    'says nothing of what the client caused: %s',
    (outcome) => {
      const { exposures } = count({ outcome, latencyMs: 9_000 });
      expect(exposures.filter(({ events }) => events > 0)).toEqual([]);
    },
  );

  it('counts the first of several ends', () => {
    const counters = new RolloutCounters();
    counters.add(rollout('r1'));
    const request = counters.begin(traffic, 'stable', false, undefined);
    request?.end(good);
    request?.end({ ...good, outcome: 'error' });
    const errors = drain(counters).exposures.filter(({ event }) => event === 'error');
    expect(errors).toEqual([
      { revision: 3, weight: 0.5, arm: 'stable', event: 'error', unit: 'request', exposed: 1, events: 0 },
    ]);
  });

  it('counts under the traffic that assigned it, whatever is in force when it ends', () => {
    const counters = new RolloutCounters();
    counters.add(rollout('r1'));
    const early = counters.begin(traffic, 'candidate', false, undefined);
    const late = counters.begin({ ...traffic, revision: 4, weight: 0.9 }, 'candidate', false, undefined);
    late?.end(good);
    early?.end({ ...good, outcome: 'error' });
    const errors = drain(counters).exposures.filter(({ event }) => event === 'error');
    expect(errors.map(({ revision, weight, events }) => [revision, weight, events])).toEqual([
      [3, 0.5, 1],
      [4, 0.9, 0],
    ]);
  });

  it('notes the key under sticky assignment', () => {
    const counters = new RolloutCounters();
    counters.add(rollout('r1'));
    counters.begin(traffic, 'candidate', false, 'ab')?.end({ ...good, outcome: 'error' });
    const [delta] = counters.drain();
    const seen = delta?.folded.sightings.filter(({ event }) => event === 'error');
    expect(seen?.map(({ key, happened }) => [key, happened]).toSorted()).toEqual([
      ['ab', false],
      ['ab', true],
    ]);
  });
});

describe('counting a copy', () => {
  const shadowing = { ...traffic, weight: 0, shadow: 1 };
  const open = (): RolloutCounters => {
    const counters = new RolloutCounters();
    counters.add(rollout('r1'));
    return counters;
  };
  const copy = (counters: RolloutCounters, hasFailed: boolean, nowMs = 0): void =>
    counters.countCopy(shadowing, hasFailed, nowMs);
  const askStable = (counters: RolloutCounters, outcome: RequestEnd['outcome'] = 'ok') =>
    counters.begin(shadowing, 'stable', false, undefined)?.end({ ...good, outcome });
  /** Copies and failed ones. */
  const counted = (counters: RolloutCounters): readonly number[] => {
    const { exposed, events } = copiesOf(drain(counters));
    return [exposed, events];
  };

  it('counts one that the candidate answered at once', () => {
    const counters = open();
    copy(counters, false);
    expect(counted(counters)).toEqual([1, 0]);
  });

  it('counts one that it failed once stable answers a request that began afterwards', () => {
    const counters = open();
    const before = counters.begin(shadowing, 'stable', false, undefined);
    copy(counters, true);
    before?.end(good);
    expect(counted(counters)).toEqual([0, 0]);
    const after = counters.begin(shadowing, 'stable', false, undefined);
    expect(counted(counters)).toEqual([0, 0]);
    after?.end(good);
    expect(counted(counters)).toEqual([1, 1]);
    askStable(counters);
    expect(counted(counters)).toEqual([0, 0]);
  });

  it.each(['error', 'timeout'] as const)('never counts one after which stable ends in: %s', (outcome) => {
    const counters = open();
    copy(counters, true);
    askStable(counters, outcome);
    askStable(counters);
    expect(counted(counters)).toEqual([0, 0]);
  });

  it.each(['client_error', 'limited', 'cancelled'] as const)(
    'asks the next request after one that is: %s',
    (outcome) => {
      const counters = open();
      copy(counters, true);
      askStable(counters, outcome);
      copy(counters, true);
      expect(counted(counters)).toEqual([0, 0]);
      askStable(counters);
      expect(counted(counters)).toEqual([2, 2]);
    },
  );

  it('asks no request of the candidate, and none of another rollout', () => {
    const counters = open();
    counters.add(rollout('r2'));
    copy(counters, true);
    counters.begin(shadowing, 'candidate', false, undefined)?.end(good);
    counters.begin({ ...shadowing, rolloutId: 'r2' }, 'stable', false, undefined)?.end(good);
    drain(counters);
    expect(counted(counters)).toEqual([0, 0]);
    askStable(counters);
    expect(counted(counters)).toEqual([1, 1]);
  });

  it('counts none of a rollout that is closed', () => {
    const counters = open();
    const { rolloutId: _, ...ofNone } = shadowing;
    counters.countCopy(ofNone, false, 0);
    counters.countCopy({ ...shadowing, rolloutId: 'r2' }, false, 0);
    expect(counters.drain()).toEqual([]);
  });

  it('counts no failed one for a minute after an incident, unless the candidate has answered again', () => {
    const counters = open();
    const failAt = (nowMs: number): readonly number[] => {
      copy(counters, true, nowMs);
      askStable(counters);
      return counted(counters);
    };
    copy(counters, true, 4_000);
    copy(counters, true, 5_000);
    askStable(counters, 'error');
    expect(failAt(5_000)).toEqual([0, 0]);
    expect(failAt(64_999)).toEqual([0, 0]);
    expect(failAt(65_000)).toEqual([1, 1]);
    copy(counters, true, 70_000);
    askStable(counters, 'error');
    expect(failAt(71_000)).toEqual([0, 0]);
    copy(counters, false, 72_000);
    expect(failAt(73_000)).toEqual([2, 1]);
  });

  it('counts with a goal for errors and without, as a request of the candidate and as no key', () => {
    const counters = new RolloutCounters();
    counters.add({ ...rollout('r1'), plan: compilePlan(defaultRolloutSettings, {}, 'salt') });
    copy(counters, true);
    askStable(counters);
    const [delta] = counters.drain();
    expect(delta?.folded).toEqual({
      facts: {
        ...noFacts,
        exposures: [
          { revision: 3, weight: 0, arm: 'candidate', event: 'error', unit: 'request', exposed: 1, events: 1 },
        ],
        buckets: [{ revision: 3, arm: 'candidate', event: 'error', requests: 50, events: 1, buckets: 1 }],
      },
      sightings: [],
    });
  });
});

describe('evidence that begins anew', () => {
  it('counts a key once more, and then no more', () => {
    const counters = new RolloutCounters();
    const sightings = (renewedFrom: number, revision: number) => {
      counters.keepOnly([{ ...rollout('r1'), renewedFrom }]);
      for (const key of ['ab', 'ab']) counters.begin({ ...traffic, revision }, 'candidate', false, key)?.end(good);
      return counters
        .drain()
        .flatMap(({ folded }) => folded.sightings)
        .filter(({ event }) => event === 'error')
        .map(({ key, revision: at }) => [key, at]);
    };
    expect(sightings(0, 3)).toEqual([['ab', 3]]);
    expect(sightings(0, 4)).toEqual([]);
    expect(sightings(5, 5)).toEqual([['ab@5', 5]]);
    expect(sightings(5, 6)).toEqual([]);
  });
});

describe('the rollouts that are counted', () => {
  it('are those that are open, and no request of others', () => {
    const counters = new RolloutCounters();
    counters.keepOnly([rollout('r2')]);
    expect(counters.begin(traffic, 'candidate', false, undefined)).toBeUndefined();
    const { rolloutId: _, ...ofNone } = traffic;
    expect(counters.begin(ofNone, 'stable', false, undefined)).toBeUndefined();
  });

  it('keep what was not drained when the list is read again, and lose it when they are closed', () => {
    const counters = new RolloutCounters();
    counters.keepOnly([rollout('r1')]);
    counters.begin(traffic, 'candidate', false, undefined)?.end(good);
    counters.keepOnly([rollout('r1'), rollout('r2')]);
    expect(counters.drain().map(({ rolloutId }) => rolloutId)).toEqual(['r1']);
    counters.begin(traffic, 'candidate', false, undefined)?.end(good);
    counters.keepOnly([rollout('r2')]);
    expect(counters.drain()).toEqual([]);
  });

  it('count a crash once, where the version is the candidate', () => {
    const counters = new RolloutCounters();
    counters.keepOnly([rollout('r1'), rollout('r2', '2.0.0')]);
    counters.countCrash('chat', '1.1.0');
    counters.countCrash('chat', '1.0.0');
    counters.countCrash('other', '2.0.0');
    expect(counters.drain().map(({ rolloutId, crashes }) => [rolloutId, crashes])).toEqual([['r1', 1]]);
    expect(counters.drain()).toEqual([]);
  });

  it('add up to the same over many drains as over one', () => {
    const ends = Array.from({ length: 130 }, (_, request) => ({
      stream: false,
      outcome: request % 7 === 0 ? ('error' as const) : ('ok' as const),
    }));
    const counters = new RolloutCounters();
    counters.add(rollout('r1'));
    let sum = noFacts;
    for (const { stream, ...end } of ends) {
      counters.begin(traffic, 'candidate', stream, undefined)?.end({ ...good, ...end });
      sum = mergeFacts(sum, drain(counters));
    }
    expect(sum).toEqual(count(...ends));
  });
});
