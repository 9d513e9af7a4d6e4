import { describe, expect, it } from 'vitest';
import { viewRollout } from '../../test/rollout-records.ts';
import { noFacts } from '../gates/facts.ts';
import { mergeFacts } from '../gates/merge-facts.ts';
import { decideMove } from './decide-move.ts';
import { readGates } from './read-gates.ts';
import { RecentFacts } from './recent-facts.ts';
import { type RequestEnd, RolloutCounters } from './rollout-counters.ts';
import { type Random, seededRandom } from './simulation/seeded-random.ts';

/** What the two versions do with the request of one moment. */
interface Moment {
  readonly stableFails: boolean;
  /** What the candidate does with copies that it begins now. */
  readonly candidateFails: boolean;
}

interface Shadow {
  /** Of one request, every tenth of a second. */
  readonly moment: (request: number) => Moment;
  /** Copies that the candidate is behind with from the begin on. */
  readonly behind?: number;
}

/** The phase that follows, and the requests and copies until then. */
interface Ending {
  readonly phase: string;
  readonly copies: number;
}

const pairs = 1_000;
const mostWaiting = 64;
const requestMs = 100;
const requestsPerRound = 10;
const end = (fails: boolean): RequestEnd => ({
  outcome: fails ? 'error' : 'ok',
  latencyMs: 1,
  firstTokenMs: undefined,
  costUsd: 0,
});

/** Runs the shadow phase with the product's own counters, gates and rules, until it ends or was long enough. */
function runShadow({ moment, behind = 0 }: Shadow): Ending {
  const view = viewRollout({
    settings: { shadow: { percent: 100, pairs } },
    state: { phase: 'shadow', step: 0 },
    view: { now: 0 },
  });
  const traffic = { ...view.traffic, weight: 0, shadow: 1 };
  const counters = new RolloutCounters();
  counters.add(view.rollout);
  const recentFacts = new RecentFacts();
  let facts = noFacts;
  let waiting = 0;
  let copies = 0;
  let answered = 0;
  for (let request = 0; request < 4 * pairs; request++) {
    const { stableFails, candidateFails } = moment(request);
    counters.begin(traffic, 'stable', false, undefined)?.end(end(stableFails));
    if (!stableFails) waiting = Math.min(waiting + 1, mostWaiting);
    // What fails does so fast: all that waits is gone in a moment.
    for (let left = candidateFails ? waiting : Number(waiting > behind); left > 0; left--) {
      waiting--;
      copies++;
      if (!candidateFails) answered++;
      counters.countCopy(traffic, candidateFails, request * requestMs);
    }
    if (request % requestsPerRound !== 0) continue;
    for (const { folded } of counters.drain()) facts = mergeFacts(facts, { ...noFacts, ...folded.facts });
    const now = request * requestMs;
    const readings = readGates(view.rollout, view.state, facts);
    const recent = recentFacts.note('r1', facts, now);
    const move = decideMove({ ...view, traffic, facts, recent, readings, shadowPairs: answered, now });
    if (move !== undefined) return { phase: move.phase, copies };
  }
  return { phase: 'shadow', copies };
}

/** Failures at a rate, in clusters that are on average so long. */
function clustered(random: Random, rate: number, length: number): () => boolean {
  let left = 0;
  let fails = false;
  return () => {
    if (left === 0) {
      left = length;
      fails = random() < rate;
    }
    left--;
    return fails;
  };
}

function endings(runs: number, shadow: (random: Random) => Shadow): readonly Ending[] {
  return Array.from({ length: runs }, (_, run) => runShadow(shadow(seededRandom(run + 1))));
}

const share = (ended: readonly Ending[], phase: string): number =>
  ended.filter((ending) => ending.phase === phase).length / ended.length;

describe('in the shadow phase, under a goal of 1 % errors', () => {
  it.each([1, 5, 10])('a candidate that just keeps the goal is let through, failures coming in %ss', (length) => {
    const ended = endings(300, (random) => {
      const fails = clustered(random, 0.01, length);
      return { moment: () => ({ stableFails: false, candidateFails: fails() }) };
    });
    expect(share(ended, 'rolled-back')).toBeLessThanOrEqual(0.01);
    expect(share(ended, 'rolled-back') + share(ended, 'canary')).toBe(1);
  });

  it('a candidate that fails 5 % of its copies gets no further, and is found early', () => {
    const ended = endings(200, (random) => ({
      moment: () => ({ stableFails: false, candidateFails: random() < 0.05 }),
    }));
    expect(share(ended, 'rolled-back')).toBeGreaterThanOrEqual(0.99);
    const copies = ended.map((ending) => ending.copies).toSorted((a, b) => a - b);
    expect(copies[100]).toBeLessThanOrEqual(400);
  });

  it.each([0, 30, mostWaiting])(
    'an outage that begins while %i copies wait, and takes both versions down, blames nobody',
    (behind) => {
      const ended = endings(60, (random) => {
        const begins = 50 + Math.floor(random() * 900);
        const lastedBy = (request: number) => request - begins;
        return {
          behind: behind - 1,
          // A target that has failed many copies is out of rotation for a while longer than stable's.
          moment: (request) => ({
            stableFails: lastedBy(request) >= 0 && lastedBy(request) < 100,
            candidateFails: lastedBy(request) >= 0 && lastedBy(request) < (behind > 0 ? 200 : 100),
          }),
        };
      });
      expect(share(ended, 'rolled-back')).toBe(0);
    },
  );

  it('a goal that both versions miss freezes, unless the candidate is found long before stable', () => {
    const ended = endings(200, (random) => ({
      moment: () => ({ stableFails: random() < 0.05, candidateFails: random() < 0.05 }),
    }));
    expect(share(ended, 'frozen')).toBeGreaterThanOrEqual(0.9);
    expect(share(ended, 'frozen') + share(ended, 'rolled-back')).toBe(1);
  });

  it('requests that neither version can answer are no fault of the candidate', () => {
    const ended = endings(50, (random) => ({
      moment: () => {
        const isBad = random() < 0.1;
        return { stableFails: isBad, candidateFails: false };
      },
    }));
    expect(share(ended, 'canary')).toBe(1);
  });
});
