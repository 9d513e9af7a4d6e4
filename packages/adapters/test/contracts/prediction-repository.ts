import type { Prediction, PredictionFilter, PredictionRepository } from '@scarmonit/core/ports/prediction-repository';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OpenedRepository } from './opened-repository.ts';

const at = 1_700_000_000_000;

/** A record whose id tells when it was made, as ids do: at its request's end. */
function predict(number: number, changes: Partial<Prediction> = {}): Prediction {
  const endedAt = Math.floor(at + number + (changes.latencyMs ?? 12.5));
  return {
    id: `${endedAt.toString(16).padStart(12, '0')}7${number.toString(16).padStart(19, '0')}`,
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

    const list = async (limit: number): Promise<readonly Prediction[]> =>
      (await opened.repository.find('default', {}, { limit })).predictions;

    /** The numbers of those that match, page by page to the end. */
    const search = async (filter: PredictionFilter, limit: number, after?: string): Promise<readonly number[]> => {
      const numbers: number[] = [];
      for (let before: string | undefined, isLast = false; !isLast; isLast = before === undefined) {
        const page = { limit, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) };
        const found = await opened.repository.find('default', filter, page);
        expect(found.predictions.length).toBeLessThanOrEqual(limit);
        numbers.push(...found.predictions.map(({ createdAt }) => createdAt - at));
        before = found.nextBefore;
      }
      return numbers;
    };

    it('gives back records as they were', async () => {
      const plain = predict(1);
      const streamed = predict(2, { stream: true, firstTokenMs: 3.25, queueMs: 0, outcome: 'cancelled', status: 499 });
      await opened.repository.insertMany([plain, streamed]);
      expect(await list(10)).toEqual([streamed, plain]);
    });

    it.each([0, 1, 5, 6, 7, 13, 1_000])('stores %i records at once', async (count) => {
      await opened.repository.insertMany(Array.from({ length: count }, (_, number) => predict(number)));
      const stored = await list(2_000);
      expect(stored.map(({ id }) => id)).toEqual(
        Array.from({ length: count }, (_, number) => predict(count - 1 - number).id),
      );
    });

    it('pages from the newest to the oldest without gaps or repeats', async () => {
      await opened.repository.insertMany(Array.from({ length: 10 }, (_, number) => predict(number)));
      expect(await search({}, 4)).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
      expect(await search({}, 5)).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
    });

    it('lists only what came after a record', async () => {
      await opened.repository.insertMany(Array.from({ length: 10 }, (_, number) => predict(number)));
      expect(await search({}, 2, predict(6).id)).toEqual([9, 8, 7]);
      expect(await search({ model: 'support-chat' }, 2, predict(9).id)).toEqual([]);
    });

    describe('filters', () => {
      const records = Array.from({ length: 60 }, (_, number) =>
        predict(number, {
          model: number % 3 === 0 ? 'sentiment' : 'support-chat',
          version: number % 5 === 0 ? '1.1.0' : '1.0.0',
          outcome: number % 7 === 0 ? 'error' : number % 11 === 0 ? 'timeout' : 'ok',
          keyId: number % 2 === 0 ? 'even' : 'odd',
          requestId: `req_${number % 20}`,
          // Not in the order of their ids.
          latencyMs: number % 4 === 0 ? 9_000 : number,
        }),
      );
      const filters: readonly PredictionFilter[] = [
        { model: 'sentiment' },
        { model: 'sentiment', version: '1.1.0' },
        { version: '1.1.0' },
        { outcome: 'error' },
        { outcome: 'ok' },
        { outcome: 'error', model: 'sentiment', version: '1.0.0', keyId: 'odd' },
        { keyId: 'even' },
        { keyId: 'even', outcome: 'ok', minLatencyMs: 30 },
        { requestId: 'req_7' },
        { requestId: 'req_7', outcome: 'error' },
        { minLatencyMs: 9_000 },
        { minLatencyMs: 9_001 },
        { minLatencyMs: 20.5 },
        { since: at + 20 },
        { until: at + 20 },
        { since: at + 20, until: at + 40, model: 'support-chat' },
        { model: 'nobody' },
        { model: 'sentiment', minLatencyMs: 30, since: at + 10 },
      ];

      it.each(filters)('finds exactly what matches %j', async (filter) => {
        await opened.repository.insertMany(records);
        const expected = records.filter((record) => matches(record, filter)).sort(newestFirst);
        expect(await search(filter, 7)).toEqual(expected.map(({ createdAt }) => createdAt - at));
        const { predictions } = await opened.repository.find('default', filter, { limit: 1_000 });
        expect(predictions).toEqual(expected);
        expect(await opened.repository.find('other', filter, { limit: 1_000 })).toEqual({ predictions: [] });
      });
    });

    it('takes a record twice without storing it twice, so that a write may be tried again', async () => {
      await opened.repository.insertMany([predict(1)]);
      await opened.repository.insertMany([predict(1), predict(2)]);
      expect(await list(10)).toEqual([predict(2), predict(1)]);
    });

    it('stores all of a write or nothing', async () => {
      const records = Array.from({ length: 20 }, (_, number) => predict(number));
      const ofNoProject = predict(20, { projectId: 'other' });
      await expect(opened.repository.insertMany([...records, ofNoProject])).rejects.toThrow(Error);
      expect(await list(10)).toEqual([]);
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
      const left = async () => (await list(20)).map(({ createdAt }) => createdAt - at);
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

function matches(
  record: Prediction,
  { since = 0, until = Number.POSITIVE_INFINITY, minLatencyMs = 0, ...same }: PredictionFilter,
): boolean {
  return (
    record.createdAt >= since &&
    record.createdAt < until &&
    record.latencyMs >= minLatencyMs &&
    Object.entries(same).every(([field, value]) => record[field as keyof typeof same] === value)
  );
}

function newestFirst(one: Prediction, other: Prediction): number {
  return one.id < other.id ? 1 : -1;
}
