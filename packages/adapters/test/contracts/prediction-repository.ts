import type { Prediction, PredictionRepository } from '@scarmonit/core/ports/prediction-repository';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OpenedRepository } from './opened-repository.ts';

const at = 1_700_000_000_000;

function predict(number: number, changes: Partial<Prediction> = {}): Prediction {
  return {
    id: number.toString(16).padStart(32, '0'),
    projectId: 'default',
    createdAt: at + number,
    requestId: 'req_1',
    keyId: 'key',
    model: 'support-chat',
    version: '1.0.0',
    route: '/v1/chat/completions',
    outcome: 'ok',
    status: 200,
    stream: false,
    latencyMs: 12.5,
    inputTokens: 10,
    outputTokens: 20,
    costUsd: 0.25,
    ...changes,
  };
}

/** What every prediction repository must do. @param open makes an empty one that knows the project `default` */
export function testPredictionRepository(
  name: string,
  open: () => Promise<OpenedRepository<PredictionRepository>>,
): void {
  describe(`prediction repository: ${name}`, () => {
    let opened: OpenedRepository<PredictionRepository>;
    beforeEach(async () => {
      opened = await open();
    });
    afterEach(() => opened.close());

    it('gives back records as they were', async () => {
      const plain = predict(1);
      const streamed = predict(2, { stream: true, firstTokenMs: 3.25, queueMs: 0, outcome: 'cancelled', status: 499 });
      await opened.repository.insertMany([plain, streamed]);
      expect(await opened.repository.list('default', { limit: 10 })).toEqual([streamed, plain]);
    });

    it.each([0, 1, 5, 6, 7, 13, 1_000])('stores %i records at once', async (count) => {
      await opened.repository.insertMany(Array.from({ length: count }, (_, number) => predict(number)));
      const stored = await opened.repository.list('default', { limit: 2_000 });
      expect(stored.map(({ id }) => id)).toEqual(
        Array.from({ length: count }, (_, number) => predict(count - 1 - number).id),
      );
    });

    it('pages from the newest to the oldest without gaps or repeats', async () => {
      await opened.repository.insertMany(Array.from({ length: 10 }, (_, number) => predict(number)));
      const seen: string[] = [];
      for (;;) {
        const before = seen.at(-1);
        const page = await opened.repository.list('default', { limit: 4, ...(before === undefined ? {} : { before }) });
        if (page.length === 0) break;
        seen.push(...page.map(({ id }) => id));
      }
      expect(seen).toEqual(Array.from({ length: 10 }, (_, number) => predict(9 - number).id));
    });

    it('takes a record twice without storing it twice, so that a write may be tried again', async () => {
      await opened.repository.insertMany([predict(1)]);
      await opened.repository.insertMany([predict(1), predict(2)]);
      expect(await opened.repository.list('default', { limit: 10 })).toEqual([predict(2), predict(1)]);
    });

    it('stores all of a write or nothing', async () => {
      const records = Array.from({ length: 20 }, (_, number) => predict(number));
      const ofNoProject = predict(20, { projectId: 'other' });
      await expect(opened.repository.insertMany([...records, ofNoProject])).rejects.toThrow(Error);
      expect(await opened.repository.list('default', { limit: 10 })).toEqual([]);
    });

    it('lists the oldest before a time, which are those that would be deleted', async () => {
      await opened.repository.insertMany(Array.from({ length: 10 }, (_, number) => predict(9 - number)));
      const oldest = await opened.repository.listOldest('default', at + 6, 4);
      expect(oldest.map(({ createdAt }) => createdAt - at)).toEqual([0, 1, 2, 3]);
      expect(oldest[0]).toEqual(predict(0));
      await opened.repository.deleteBefore('default', at + 6, 4);
      const next = await opened.repository.listOldest('default', at + 6, 4);
      expect(next.map(({ createdAt }) => createdAt - at)).toEqual([4, 5]);
      expect(await opened.repository.listOldest('other', at + 6, 4)).toEqual([]);
    });

    it('deletes the oldest before a time, so many at once', async () => {
      await opened.repository.insertMany(Array.from({ length: 10 }, (_, number) => predict(number)));
      const left = async () =>
        (await opened.repository.list('default', { limit: 20 })).map(({ createdAt }) => createdAt - at);
      expect(await opened.repository.deleteBefore('other', at + 100, 4)).toBe(0);
      expect(await opened.repository.deleteBefore('default', at + 6, 4)).toBe(4);
      expect(await left()).toEqual([9, 8, 7, 6, 5, 4]);
      expect(await opened.repository.deleteBefore('default', at + 6, 4)).toBe(2);
      expect(await opened.repository.deleteBefore('default', at + 6, 4)).toBe(0);
      expect(await left()).toEqual([9, 8, 7, 6]);
    });

    it('sums by model, version and outcome since a time', async () => {
      await opened.repository.insertMany([
        predict(1),
        predict(2),
        predict(3),
        predict(4, { outcome: 'error', status: 503, outputTokens: 0, costUsd: 0 }),
        predict(5, { version: '1.1.0' }),
      ]);
      const figures = { model: 'support-chat', requests: 1, inputTokens: 10, outputTokens: 20, costUsd: 0.25 };
      expect(await opened.repository.summarize('default', at + 2)).toEqual([
        { ...figures, version: '1.0.0', outcome: 'error', outputTokens: 0, costUsd: 0 },
        { ...figures, version: '1.0.0', outcome: 'ok', requests: 2, inputTokens: 20, outputTokens: 40, costUsd: 0.5 },
        { ...figures, version: '1.1.0', outcome: 'ok' },
      ]);
      expect(await opened.repository.summarize('other', 0)).toEqual([]);
    });
  });
}
