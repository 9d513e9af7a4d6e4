import { expect, it } from 'vitest';
import { createFakeClock } from '../../test/fake-clock.ts';
import { type ExposureCount, noFacts } from '../gates/facts.ts';
import type { FeedbackFacts, FeedbackRepository, RatedRollout } from '../ports/feedback-repository.ts';
import { paceFeedback } from './pace-feedback.ts';

const rollout = (id: string): RatedRollout => ({
  projectId: 'default',
  id,
  to: '1.1.0',
  createdAt: 0,
  plan: { gates: [], sticky: 'none' },
});
const told = (exposed: number, unit: ExposureCount['unit'] = 'request'): ExposureCount => ({
  revision: 1,
  weight: 0.5,
  arm: 'candidate',
  event: 'unsatisfied',
  unit,
  exposed,
  events: 0,
});

/** A repository that has this much to sum up. @returns also how often it was asked */
function setUp(facts: FeedbackFacts) {
  const clock = createFakeClock();
  let reads = 0;
  let isDown = false;
  const repository: FeedbackRepository = {
    insert: async () => {},
    sumForRollout: async () => {
      reads += 1;
      if (isDown) throw new Error('the store is down');
      return facts;
    },
  };
  const paced = paceFeedback(repository, clock);
  const read = (id = 'r1') => paced.sumForRollout(rollout(id), 50);
  /** Rounds of a minute, two in each second. */
  const readsInAMinute = async (): Promise<number> => {
    for (let round = 0; round < 120; round += 1) {
      await read();
      await clock.advance(500);
    }
    return reads;
  };
  return {
    clock,
    read,
    readsInAMinute,
    reads: () => reads,
    breakDown: (down: boolean) => {
      isDown = down;
    },
  };
}

it.each([
  [100, 120],
  [500, 120],
  [1_000, 60],
  [20_000, 3],
])('sums the feedback on %i requests up %i times a minute', async (requests, expected) => {
  const exposures = [told(requests / 2), { ...told(requests / 2), arm: 'stable' as const }, told(9_999, 'key')];
  expect(await setUp({ ...noFacts, exposures }).readsInAMinute()).toBe(expected);
});

it('counts labelled pairs as requests', async () => {
  const pairs = { worse: 100, better: 200, same: 1_700 };
  expect(await setUp({ ...noFacts, pairs }).readsInAMinute()).toBe(30);
});

it('has a sum for each rollout', async () => {
  const facts = { ...noFacts, exposures: [told(5_000)] };
  const { read, reads } = setUp(facts);
  expect([await read(), await read(), await read('r2'), await read('r2')]).toEqual([facts, facts, facts, facts]);
  expect(reads()).toBe(2);
});

it('asks again at once after a failure', async () => {
  const { read, reads, breakDown } = setUp({ ...noFacts, exposures: [told(5_000)] });
  breakDown(true);
  await expect(read()).rejects.toThrow('the store is down');
  breakDown(false);
  await expect(read()).resolves.toMatchObject({ exposures: [{ exposed: 5_000 }] });
  expect(reads()).toBe(2);
});
