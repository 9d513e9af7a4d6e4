import type { PredictionQuery } from '@scarmonit/client/create-prediction-client';
import type { PredictionView } from '@scarmonit/protocol/admin/prediction';
import { describe, expect, it } from 'vitest';
import { testPredictionView } from '../../test/prediction-view.ts';
import { PredictionFollower } from './follow-predictions.ts';

const signal = new AbortController().signal;
const row = (id: string): PredictionView => testPredictionView({ id });

/** A server with rows that a test adds to; pages are as small as wanted. */
function createServer(mostPerPage = 1_000) {
  const ids = new Set<string>();
  const asked: PredictionQuery[] = [];
  return {
    ids,
    asked,
    listPredictions: async (query: PredictionQuery = {}) => {
      asked.push(query);
      const { before, after, limit = 100 } = query;
      const matching = [...ids]
        .filter((id) => (before === undefined || id < before) && (after === undefined || id > after))
        .sort()
        .reverse();
      const page = matching.slice(0, Math.min(limit, mostPerPage));
      return { data: page.map(row), nextBefore: matching.length > page.length ? (page.at(-1) ?? null) : null };
    },
  };
}

const idsOf = (rows: readonly PredictionView[]): readonly string[] => rows.map(({ id }) => id);

describe('following requests', () => {
  it('begins with the newest, oldest first, and goes on with each new one once', async () => {
    const server = createServer();
    for (const id of ['a', 'b', 'c']) server.ids.add(id);
    const follower = new PredictionFollower(server, {}, () => 0);
    expect(idsOf(await follower.begin(2, signal))).toEqual(['b', 'c']);
    server.ids.add('e').add('d');
    expect(idsOf(await follower.next(signal))).toEqual(['d', 'e']);
    expect(await follower.next(signal)).toEqual([]);
  });

  it('finds rows that another process writes late, between those that were given', async () => {
    const server = createServer();
    let now = 0;
    const follower = new PredictionFollower(server, {}, () => now);
    await follower.begin(10, signal);
    server.ids.add('m');
    expect(idsOf(await follower.next(signal))).toEqual(['m']);
    now = 2_000;
    server.ids.add('k');
    expect(idsOf(await follower.next(signal))).toEqual(['k']);
  });

  it('does not look at settled rows again', async () => {
    const server = createServer();
    let now = 0;
    const follower = new PredictionFollower(server, { model: 'chat' }, () => now);
    for (const id of ['a', 'b', 'c']) server.ids.add(id);
    await follower.begin(10, signal);
    now = 6_000;
    await follower.next(signal);
    server.ids.add('d');
    expect(idsOf(await follower.next(signal))).toEqual(['d']);
    expect(server.asked.at(-1)).toEqual({ model: 'chat', after: 'c', limit: 1_000 });
  });

  it('reads many rows page by page, and gives them in order', async () => {
    const server = createServer(2);
    const follower = new PredictionFollower(server, {}, () => 0);
    await follower.begin(10, signal);
    for (const id of ['a', 'b', 'c', 'd', 'e']) server.ids.add(id);
    expect(idsOf(await follower.next(signal))).toEqual(['a', 'b', 'c', 'd', 'e']);
  });
});
