import type {
  Feedback,
  FeedbackRepository,
  ShadowPair,
  ShadowPairRepository,
} from '@scarmonit/core/ports/feedback-repository';
import type { Prediction, PredictionRepository } from '@scarmonit/core/ports/prediction-repository';
import type { RolloutRepository } from '@scarmonit/core/ports/rollout-repository';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OpenedRepository } from './opened-repository.ts';
import { describeTraffic } from './rollout-records.ts';

export interface FeedbackRepositories {
  readonly feedback: FeedbackRepository;
  readonly pairs: ShadowPairRepository;
  readonly predictions: PredictionRepository;
  readonly rollouts: RolloutRepository;
}

const rollout = { projectId: 'default', id: 'r1', to: '1.1.0' };

function tell(number: number, requestId: string, told: Partial<Feedback>): Feedback {
  return {
    id: `f${String(number).padStart(4, '0')}`,
    projectId: 'default',
    requestId,
    createdAt: number,
    keyId: 'key',
    ...told,
  };
}

function answer(requestId: string, changes: Partial<Prediction> = {}): Prediction {
  return {
    id: `p-${requestId}`,
    requestId,
    projectId: 'default',
    createdAt: 1,
    keyId: 'key',
    model: 'chat',
    version: '1.1.0',
    route: '/v1/chat/completions',
    outcome: 'ok',
    status: 200,
    stream: false,
    latencyMs: 1,
    inputTokens: 1,
    outputTokens: 1,
    costUsd: 0,
    rolloutId: 'r1',
    trafficRevision: 1,
    ...changes,
  };
}

function pair(number: number, changes: Partial<ShadowPair>): ShadowPair {
  return {
    id: `s${number}`,
    projectId: 'default',
    rolloutId: 'r1',
    requestId: `req${number}`,
    createdAt: number,
    agree: false,
    stableAnswer: 'yes',
    candidateAnswer: 'no',
    candidateFailed: false,
    ...changes,
  };
}

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
