import type { GoalFigures } from '@scarmonit/core/gates/compile-gates';
import type {
  Feedback,
  FeedbackRepository,
  RatedRollout,
  ShadowPairRepository,
} from '@scarmonit/core/ports/feedback-repository';
import type { PredictionRepository } from '@scarmonit/core/ports/prediction-repository';
import type { RolloutRepository } from '@scarmonit/core/ports/rollout-repository';
import { compilePlan, defaultRolloutSettings } from '@scarmonit/core/rollouts/rollout-settings';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { answer, pair, tell } from './feedback-records.ts';
import type { OpenedRepository } from './opened-repository.ts';
import { describeTraffic } from './rollout-records.ts';

export interface FeedbackRepositories {
  readonly feedback: FeedbackRepository;
  readonly pairs: ShadowPairRepository;
  readonly predictions: PredictionRepository;
  readonly rollouts: RolloutRepository;
}

/** With every gate that reads feedback. */
const rollout: RatedRollout = {
  projectId: 'default',
  id: 'r1',
  to: '1.1.0',
  createdAt: 60_000,
  plan: compilePlan(
    { ...defaultRolloutSettings, sticky: 'key' },
    { minSatisfaction: 0.9, minTaskCompletion: 0.9, minAccuracy: 0.9 },
    'salt',
  ),
};

/** What the repositories of feedback and shadow pairs must do. @param open makes empty ones on one store */
export function testFeedbackRepository(
  name: string,
  open: () => Promise<OpenedRepository<FeedbackRepositories>>,
): void {
  describe(`feedback repository: ${name}`, () => {
    let opened: OpenedRepository<FeedbackRepositories>;
    beforeEach(async () => {
      opened = await open();
      const { rollouts } = opened.repository;
      for (const [revision, weight] of [
        [1, 0.1],
        [2, 0.5],
      ] as const) {
        await rollouts.commit('default', {
          traffic: describeTraffic(revision, { weight, candidate: '1.1.0', rolloutId: 'r1' }),
          receipts: [],
        });
      }
    });
    afterEach(() => opened.close());
    const insert = async (...told: readonly Feedback[]) => {
      for (const one of told) await opened.repository.feedback.insert(one);
    };
    const sum = (bucket = 50) => opened.repository.feedback.sumForRollout(rollout, bucket);
    const unsatisfied = { revision: 1, arm: 'candidate', event: 'unsatisfied' } as const;

    it('says nothing where nothing was told', async () => {
      await opened.repository.predictions.insertMany([answer('a')]);
      expect(await sum()).toEqual({ exposures: [], buckets: [], pairs: { worse: 0, better: 0, same: 0 } });
    });

    it('joins what was told before the record of the request and after it', async () => {
      await insert(tell(1, 'a', { rating: 0 }));
      await opened.repository.predictions.insertMany([
        answer('a'),
        answer('b'),
        answer('c', { version: '1.0.0', trafficRevision: 2 }),
      ]);
      await insert(tell(2, 'b', { rating: 0.5 }), tell(3, 'c', { completed: false }));
      const { exposures, buckets } = await sum();
      expect(exposures).toEqual(
        expect.arrayContaining([
          { ...unsatisfied, weight: 0.1, unit: 'request', exposed: 2, events: 1 },
          {
            revision: 2,
            weight: 0.5,
            arm: 'stable',
            event: 'task-not-completed',
            unit: 'request',
            exposed: 1,
            events: 1,
          },
        ]),
      );
      expect(exposures).toHaveLength(2);
      expect(buckets).toHaveLength(2);
      expect(buckets).toContainEqual({ ...unsatisfied, requests: 2, events: 1, buckets: 1 });
    });

    it('takes the last word of each kind about a request', async () => {
      await opened.repository.predictions.insertMany([answer('a')]);
      await insert(tell(1, 'a', { rating: 0 }), tell(2, 'a', { completed: true }), tell(3, 'a', { rating: 1 }));
      const { exposures } = await sum();
      expect(exposures.map(({ event, exposed, events }) => [event, exposed, events].join(' ')).sort()).toEqual([
        'task-not-completed 1 0',
        'unsatisfied 1 0',
      ]);
    });

    it('leaves out other projects and rollouts, what failed, and the second record of one request', async () => {
      await opened.repository.predictions.insertMany([
        answer('a', { rolloutId: 'r2' }),
        answer('b', { outcome: 'error' }),
        answer('c'),
        answer('c', { id: 'q-c' }),
      ]);
      await insert(...['a', 'b', 'c', 'd'].map((id, number) => tell(number, id, { rating: 0 })));
      expect((await sum()).exposures).toEqual([
        { ...unsatisfied, weight: 0.1, unit: 'request', exposed: 1, events: 1 },
      ]);
    });

    it('leaves out what was told more than a minute before the rollout: clocks do not differ by more', async () => {
      await opened.repository.predictions.insertMany([answer('a'), answer('b')]);
      await insert(tell(59_999, 'a', { rating: 0 }), tell(60_000, 'b', { rating: 0 }));
      const since = async (createdAt: number) =>
        (await opened.repository.feedback.sumForRollout({ ...rollout, createdAt }, 50)).exposures;
      expect(await since(119_999)).toMatchObject([{ ...unsatisfied, exposed: 2, events: 2 }]);
      expect(await since(120_000)).toMatchObject([{ ...unsatisfied, exposed: 1, events: 1 }]);
      expect(await since(120_001)).toEqual([]);
    });

    it('counts what is told days after its request', async () => {
      await opened.repository.predictions.insertMany([answer('a')]);
      await insert({ ...tell(1, 'a', { rating: 0 }), createdAt: 1e12 });
      expect((await sum()).exposures).toMatchObject([{ ...unsatisfied, exposed: 1, events: 1 }]);
    });

    it('looks for nothing that no gate reads', async () => {
      await opened.repository.predictions.insertMany([answer('a', { stickyKey: 'k1' })]);
      await opened.repository.pairs.insertMany([pair(1, { requestId: 'a' })]);
      await insert(tell(1, 'a', { rating: 0, label: 'yes', labelDigest: 'yes' }));
      const read = async (goals: GoalFigures, sticky: 'key' | 'none' = 'none') => {
        const plan = compilePlan({ ...defaultRolloutSettings, sticky }, goals, 'salt');
        const { exposures, buckets, pairs } = await opened.repository.feedback.sumForRollout({ ...rollout, plan }, 50);
        return { units: exposures.map(({ unit }) => unit), buckets: buckets.length, worse: pairs.worse };
      };
      expect(await read({ minSatisfaction: 0.9 }, 'key')).toEqual({ units: ['key', 'request'], buckets: 1, worse: 0 });
      expect(await read({ minSatisfaction: 0.9 })).toEqual({ units: ['request'], buckets: 1, worse: 0 });
      expect(await read({ minAccuracy: 0.9 })).toEqual({ units: [], buckets: 0, worse: 1 });
      expect(await read({ maxErrorRate: 0.1 })).toEqual({ units: [], buckets: 0, worse: 0 });
    });

    it('cuts buckets in the order of the first word, which a second one does not change', async () => {
      const ids = ['a', 'b', 'c', 'd', 'e'];
      await opened.repository.predictions.insertMany(ids.map((id) => answer(id)));
      await insert(...ids.map((id, number) => tell(number, id, { rating: 1 })));
      await insert(tell(7, 'a', { rating: 0 }), tell(8, 'b', { rating: 0 }));
      const { buckets } = await sum(2);
      expect(buckets.map(({ requests, events, buckets }) => [requests, events, buckets].join(' ')).sort()).toEqual([
        '1 0 1',
        '2 0 1',
        '2 2 1',
      ]);
    });

    it('counts a sticky key once, exposed and hit where it first was', async () => {
      await opened.repository.predictions.insertMany([
        answer('a', { stickyKey: 'k1', version: '1.0.0' }),
        answer('b', { stickyKey: 'k1', trafficRevision: 2 }),
        answer('c', { stickyKey: 'k1', trafficRevision: 2 }),
        answer('d', { stickyKey: 'k2' }),
      ]);
      await insert(
        tell(1, 'a', { rating: 1 }),
        tell(2, 'b', { rating: 0 }),
        tell(3, 'c', { rating: 0 }),
        tell(4, 'd', { rating: 1 }),
      );
      const keys = (await sum()).exposures.filter(({ unit }) => unit === 'key');
      expect(keys.map(({ arm, weight, exposed, events }) => [arm, weight, exposed, events].join(' ')).sort()).toEqual([
        'candidate 0.1 1 0',
        'candidate 0.5 0 1',
        'stable 0.1 1 0',
      ]);
    });

    it('scores labelled pairs that both versions answered, by the last label', async () => {
      const { candidateAnswer: _, ...failed } = pair(4, { candidateFailed: true });
      await opened.repository.pairs.insertMany([
        pair(1, {}),
        pair(2, {}),
        pair(3, { candidateAnswer: 'yes', agree: true }),
        failed,
        pair(5, {}),
        pair(6, { rolloutId: 'r2' }),
      ]);
      const label = (number: number, labelDigest: string) =>
        tell(number, `req${number % 10}`, { label: labelDigest, labelDigest });
      await insert(
        label(1, 'yes'),
        label(2, 'yes'),
        label(12, 'no'),
        label(3, 'maybe'),
        label(4, 'yes'),
        label(6, 'yes'),
      );
      expect((await sum()).pairs).toEqual({ worse: 1, better: 1, same: 1 });
    });

    it('counts pairs, and one that is written twice once', async () => {
      const { pairs } = opened.repository;
      expect(await pairs.count('default', 'r1')).toEqual({ pairs: 0, agreeing: 0, failed: 0 });
      await pairs.insertMany([pair(1, { agree: true, cosine: 0.99 }), pair(2, { candidateFailed: true })]);
      await pairs.insertMany([pair(2, { candidateFailed: true }), pair(3, {})]);
      expect(await pairs.count('default', 'r1')).toEqual({ pairs: 3, agreeing: 1, failed: 1 });
      expect(await pairs.count('other', 'r1')).toEqual({ pairs: 0, agreeing: 0, failed: 0 });
    });
  });
}
