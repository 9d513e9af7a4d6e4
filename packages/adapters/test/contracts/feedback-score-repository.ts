import type { FeedbackRepository } from '@scarmonit/core/ports/feedback-repository';
import type { FeedbackScoreRepository } from '@scarmonit/core/ports/metrics-repository';
import type { PredictionRepository } from '@scarmonit/core/ports/prediction-repository';
import { testPrediction } from '@scarmonit/core/test/predictions';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OpenedRepository } from './opened-repository.ts';

interface Repositories {
  readonly scores: FeedbackScoreRepository;
  readonly feedback: FeedbackRepository;
  readonly predictions: PredictionRepository;
}

/** What every feedback score repository must do. @param open makes empty ones that know the project `default` */
export function testFeedbackScoreRepository(name: string, open: () => Promise<OpenedRepository<Repositories>>): void {
  describe(`feedback score repository: ${name}`, () => {
    let opened: OpenedRepository<Repositories>;
    let told = 0;
    beforeEach(async () => {
      opened = await open();
    });
    afterEach(() => opened.close());

    const answer = (requestId: string, more: Parameters<typeof testPrediction>[0] = {}) =>
      opened.repository.predictions.insertMany([
        testPrediction({ id: `p-${requestId}`, requestId, createdAt: 1_000, answer: 'positive', ...more }),
      ]);
    const tell = (requestId: string, more: { labelDigest?: string; rating?: number; completed?: boolean }) => {
      told += 1;
      return opened.repository.feedback.insert({
        id: `f${String(told).padStart(5, '0')}`,
        projectId: 'default',
        requestId,
        createdAt: 2_000,
        keyId: 'key1',
        ...more,
      });
    };
    const score = (from = 0) => opened.repository.scores.score('default', from);

    it('knows nothing without feedback', async () => {
      await answer('r1');
      expect(await score()).toEqual([]);
    });

    it('scores each version by what is said of its answers', async () => {
      await Promise.all([answer('r1'), answer('r2'), answer('r3', { version: '1.1.0' })]);
      await tell('r1', { labelDigest: 'positive', rating: 1 });
      await tell('r2', { labelDigest: 'negative', completed: false });
      await tell('r3', { rating: 0, completed: true });
      const nothing = { labelled: 0, right: 0, rated: 0, satisfied: 0, tasks: 0, completed: 0 };
      expect(await score()).toEqual([
        { model: 'chat', version: '1.0.0', ...nothing, labelled: 2, right: 1, rated: 1, satisfied: 1, tasks: 1 },
        { model: 'chat', version: '1.1.0', ...nothing, rated: 1, tasks: 1, completed: 1 },
      ]);
    });

    it('lets the last word of each kind count', async () => {
      await answer('r1');
      await tell('r1', { labelDigest: 'negative', rating: 0 });
      await tell('r1', { labelDigest: 'positive' });
      expect(await score()).toMatchObject([{ labelled: 1, right: 1, rated: 1, satisfied: 0 }]);
    });

    it('means the first of several requests that were given one id', async () => {
      await answer('r1', { id: 'p-1', outcome: 'error' });
      await answer('r1', { id: 'p-2', answer: 'positive' });
      await answer('r1', { id: 'p-3', answer: 'negative', version: '1.1.0' });
      await tell('r1', { labelDigest: 'positive' });
      expect(await score()).toMatchObject([{ version: '1.0.0', labelled: 1, right: 1 }]);
    });

    it('finds feedback that came before the record of its request', async () => {
      await tell('r1', { labelDigest: 'positive' });
      expect(await score()).toEqual([]);
      await answer('r1');
      expect(await score()).toMatchObject([{ labelled: 1, right: 1 }]);
    });

    it('leaves out failed requests, older ones, and labels that nothing can be compared with', async () => {
      await answer('r1', { outcome: 'error' });
      await answer('r2', { createdAt: 999 });
      await opened.repository.predictions.insertMany([
        testPrediction({ id: 'p-r3', requestId: 'r3', createdAt: 1_000 }),
      ]);
      for (const requestId of ['r1', 'r2', 'r3']) await tell(requestId, { labelDigest: 'positive' });
      expect(await score(1_000)).toMatchObject([{ version: '1.0.0', labelled: 0, right: 0 }]);
    });
  });
}
