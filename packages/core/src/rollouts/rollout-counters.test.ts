import { describe, expect, it } from 'vitest';
import { noFacts, type RolloutFacts } from '../gates/facts.ts';
import { mergeFacts } from '../gates/merge-facts.ts';
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
