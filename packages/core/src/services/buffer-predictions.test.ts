import { beforeEach, describe, expect, it } from 'vitest';
import { createFakeClock, type FakeClock } from '../../test/fake-clock.ts';
import type { Prediction } from '../ports/prediction-repository.ts';
import { type BufferProblem, createPredictionBuffer, type PredictionBuffer } from './buffer-predictions.ts';

const predict = (id: string): Prediction => ({
  id,
  projectId: 'default',
  createdAt: 0,
  requestId: 'req_1',
  keyId: 'key',
  model: 'm',
  version: '1.0.0',
  route: '/v1/embeddings',
  outcome: 'ok',
  status: 200,
  stream: false,
  latencyMs: 1,
  inputTokens: 1,
  outputTokens: 0,
  costUsd: 0,
});

let clock: FakeClock;
/** Ids of each write that succeeded. */
let writes: string[][];
let problems: BufferProblem[];
let insertMany: (predictions: readonly Prediction[]) => Promise<void>;
let buffer: PredictionBuffer;

const store = async (predictions: readonly Prediction[]) => void writes.push(predictions.map(({ id }) => id));
const fail = () => Promise.reject(new Error('disk full'));
const stall = () => new Promise<never>(() => undefined);
const recordAll = (...ids: string[]) => {
  for (const id of ids) buffer.record(predict(id));
};

beforeEach(() => {
  clock = createFakeClock();
  writes = [];
  problems = [];
  insertMany = store;
  buffer = createPredictionBuffer({
    repository: { insertMany: (predictions) => insertMany(predictions) },
    clock,
    onError: (problem) => problems.push(problem),
    maxRows: 5,
  });
});

describe('prediction buffer', () => {
  it('stores what a second brought in one write', async () => {
    recordAll('a', 'b');
    await clock.advance(999);
    expect(writes).toEqual([]);
    recordAll('c');
    await clock.advance(1);
    expect(writes).toEqual([['a', 'b', 'c']]);
    recordAll('d');
    await clock.advance(1_000);
    expect(writes).toEqual([['a', 'b', 'c'], ['d']]);
  });

  it('sets no timer while there is nothing to store', async () => {
    expect(clock.pending).toBe(0);
    recordAll('a');
    expect(clock.pending).toBe(1);
    await clock.advance(1_000);
    expect(clock.pending).toBe(0);
  });

  it('keeps records that could not be stored, says so, and tries again', async () => {
    insertMany = fail;
    recordAll('a', 'b');
    await clock.advance(1_000);
    expect(problems).toMatchObject([{ error: { message: 'disk full' }, waiting: 2, dropped: 0 }]);
    recordAll('c');
    insertMany = store;
    await clock.advance(1_000);
    expect(writes).toEqual([['a', 'b', 'c']]);
    expect(buffer).toMatchObject({ waiting: 0, dropped: 0 });
  });

  it('drops the oldest beyond its bound while the store fails, and counts them', async () => {
    insertMany = fail;
    recordAll('a', 'b', 'c', 'd', 'e', 'f', 'g');
    await clock.advance(1_000);
    expect(problems).toMatchObject([{ waiting: 5, dropped: 2 }]);
    insertMany = store;
    await clock.advance(1_000);
    expect(writes).toEqual([['c', 'd', 'e', 'f', 'g']]);
  });

  it('takes records while the store never answers, within its bound', async () => {
    insertMany = stall;
    recordAll('a');
    await clock.advance(1_000);
    recordAll('b', 'c', 'd', 'e', 'f', 'g', 'h');
    await clock.advance(60_000);
    expect(buffer).toMatchObject({ waiting: 5, dropped: 3 });
  });

  it('writes one batch at a time', async () => {
    let running = 0;
    let most = 0;
    insertMany = async (predictions) => {
      running += 1;
      most = Math.max(most, running);
      await undefined;
      running -= 1;
      await store(predictions);
    };
    recordAll('a');
    const first = buffer.flush();
    recordAll('b');
    await Promise.all([first, buffer.flush(), buffer.flush()]);
    expect(most).toBe(1);
    expect(writes).toEqual([['a'], ['b']]);
  });

  it('has everything stored when a flush resolves, and throws when it could not', async () => {
    recordAll('a', 'b');
    await buffer.flush();
    expect(writes).toEqual([['a', 'b']]);
    insertMany = fail;
    recordAll('c');
    await expect(buffer.flush()).rejects.toThrow('disk full');
    insertMany = store;
    await clock.advance(1_000);
    expect(writes).toEqual([['a', 'b'], ['c']]);
  });

  it('splits a long backlog into several transactions', async () => {
    buffer = createPredictionBuffer({ repository: { insertMany: store }, clock, onError: () => undefined });
    recordAll(...Array.from({ length: 2_500 }, (_, number) => String(number)));
    await buffer.flush();
    expect(writes.map(({ length }) => length)).toEqual([1_000, 1_000, 500]);
  });

  it('stores what is left when it closes, and leaves no timer', async () => {
    recordAll('a');
    await buffer.close();
    expect(writes).toEqual([['a']]);
    expect(clock.pending).toBe(0);
    expect(problems).toEqual([]);
  });

  it('stores also what is recorded while it closes', async () => {
    insertMany = async (predictions) => {
      if (writes.length === 0) recordAll('b');
      await store(predictions);
    };
    recordAll('a');
    await buffer.close();
    expect(writes).toEqual([['a'], ['b']]);
    expect(clock.pending).toBe(0);
  });

  it('closes even when the store fails, and says what was lost', async () => {
    insertMany = fail;
    recordAll('a', 'b');
    await buffer.close();
    expect(problems.at(-1)).toMatchObject({ error: { message: 'disk full' }, waiting: 0, dropped: 2 });
    expect(clock.pending).toBe(0);
  });

  it('gives up after five seconds when the store never answers', async () => {
    insertMany = stall;
    recordAll('a', 'b');
    let closed = false;
    const closing = buffer.close().then(() => {
      closed = true;
    });
    await clock.advance(4_999);
    expect(closed).toBe(false);
    await clock.advance(1);
    await closing;
    expect(problems).toMatchObject([{ waiting: 0, dropped: 2 }]);
  });

  it('counts records that come after it was closed as dropped', async () => {
    await buffer.close();
    recordAll('late');
    expect(buffer).toMatchObject({ waiting: 0, dropped: 1 });
    expect(clock.pending).toBe(0);
  });
});
