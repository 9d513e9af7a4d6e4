import { createFakeClock, type FakeClock } from '@scarmonit/core/test/fake-clock';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { Batcher, type BatcherOptions } from './batcher.ts';
import { createFakeInference, type FakeInference, vectorOf } from './fixtures/fake-inference.ts';

let clock: FakeClock;
let inference: FakeInference;
beforeEach(() => {
  clock = createFakeClock();
  inference = createFakeInference();
});

const forever = new AbortController().signal;
const createBatcher = (options: Partial<BatcherOptions> = {}) =>
  new Batcher({ maxBatch: 8, maxDelayMs: 2, queueLimit: 16, clock, run: (rows) => inference.run(rows), ...options });
/** `count` rows of four tokens that tell them apart. */
const rows = (count: number, first = 1) => Array.from({ length: count }, (_, index) => [first + index, 0, 0, 0]);
const turn = () => clock.advance(0);
const batchSizes = () => inference.batches.map((batch) => batch.length);

/** Submits `count` requests of one text each. */
const submitSingles = (batcher: Batcher, count: number, first = 1) =>
  rows(count, first).map((row) => batcher.submit([row], forever));

describe('a batch', () => {
  it('of a lone request goes at once', async () => {
    const batcher = createBatcher();
    const answer = batcher.submit(rows(1), forever);
    await turn();
    expect(batchSizes()).toEqual([1]);
    await inference.finish();
    expect(await answer).toEqual([vectorOf([1, 0, 0, 0])]);
  });

  it('is shared by requests that arrive in the same turn', async () => {
    const batcher = createBatcher();
    void submitSingles(batcher, 3);
    await turn();
    expect(batchSizes()).toEqual([3]);
  });

  it('collects while another computes, and goes as soon as that is done', async () => {
    const batcher = createBatcher();
    void submitSingles(batcher, 1);
    await turn();
    void submitSingles(batcher, 2, 10);
    await clock.advance(1);
    void submitSingles(batcher, 3, 20);
    await clock.advance(50);
    expect(batchSizes()).toEqual([1]);
    await inference.finish();
    expect(batchSizes()).toEqual([1, 5]);
  });

  it('waits for as many requests as shared the last one, but not for longer than the delay', async () => {
    const batcher = createBatcher();
    void submitSingles(batcher, 3);
    await turn();
    await inference.finish();

    void submitSingles(batcher, 2);
    await clock.advance(1);
    expect(inference.running).toBe(false);
    void submitSingles(batcher, 1);
    await turn();
    expect(batchSizes()).toEqual([3, 3]);
    await inference.finish();

    void submitSingles(batcher, 2);
    await clock.advance(1.9);
    expect(inference.running).toBe(false);
    await clock.advance(0.1);
    expect(batchSizes()).toEqual([3, 3, 2]);
  });

  it('never exceeds the most that it may hold', async () => {
    const batcher = createBatcher();
    const answer = batcher.submit(rows(20), forever);
    await turn();
    for (let batch = 0; batch < 3; batch += 1) await inference.finish();
    expect(batchSizes()).toEqual([8, 8, 4]);
    expect(await answer).toEqual(rows(20).map(vectorOf));
  });

  it('is counted by its size', async () => {
    const batcher = createBatcher();
    void submitSingles(batcher, 3);
    await turn();
    expect(batcher.figures()).toEqual({ running: 3, queued: 0, batchSizes: { 3: 1 } });
    await inference.finish();
    expect(batcher.figures()).toEqual({ running: 0, queued: 0, batchSizes: { 3: 1 } });
  });
});

describe('a huge request', () => {
  it('shares each batch with the small ones that wait', async () => {
    const batcher = createBatcher({ queueLimit: 1_000 });
    batcher.submit(rows(500), forever).catch(() => {});
    await turn();
    const small = Promise.all(submitSingles(batcher, 3, 900));
    await inference.finish();
    expect(inference.batches[1]).toEqual(expect.arrayContaining(rows(3, 900)));
    await inference.finish();
    expect(await small).toHaveLength(3);
  });

  it('does not keep back a small one of another length for more than a round', async () => {
    const batcher = createBatcher({ queueLimit: 1_000 });
    batcher.submit(rows(500), forever).catch(() => {});
    await turn();
    const long = new Array<number>(300).fill(1);
    const small = batcher.submit([long], forever);
    await inference.finish();
    await inference.finish();
    expect(inference.batches[2]).toEqual([long]);
    await inference.finish();
    expect(await small).toEqual([vectorOf(long)]);
  });

  it('is let in when nothing waits, even if it is larger than the queue', async () => {
    const batcher = createBatcher({ queueLimit: 4 });
    const answer = batcher.submit(rows(9), forever);
    await turn();
    await inference.finish();
    await inference.finish();
    expect(await answer).toHaveLength(9);
  });
});

describe('the queue', () => {
  it('refuses what does not fit, with an estimate of when to come again', async () => {
    const batcher = createBatcher();
    void submitSingles(batcher, 8);
    await turn();
    await clock.advance(800);
    await inference.finish();
    void submitSingles(batcher, 8);
    await turn();
    void submitSingles(batcher, 16);
    await expect(batcher.submit(rows(1), forever)).rejects.toMatchObject({ kind: 'overloaded', retryAfterMs: 1_600 });
    expect(batcher.figures().queued).toBe(16);
  });

  it('forgets a request that is cancelled while it waits', async () => {
    const batcher = createBatcher();
    void submitSingles(batcher, 1);
    await turn();
    const abort = new AbortController();
    const waiting = batcher.submit(rows(16, 50), abort.signal);
    abort.abort();
    await expect(waiting).rejects.toMatchObject({ kind: 'cancelled' });
    expect(batcher.figures().queued).toBe(0);
    await inference.finish();
    expect(batchSizes()).toEqual([1]);
  });

  it('throws away the answer to a request that is cancelled while it computes, and serves its neighbours', async () => {
    const batcher = createBatcher();
    const abort = new AbortController();
    const leaving = batcher.submit(rows(2), abort.signal);
    const staying = batcher.submit(rows(1, 7), forever);
    await turn();
    abort.abort();
    await expect(leaving).rejects.toMatchObject({ kind: 'cancelled' });
    await inference.finish();
    expect(await staying).toEqual([vectorOf([7, 0, 0, 0])]);
    expect(batchSizes()).toEqual([3]);
  });

  it('is idle when nothing waits and nothing computes', async () => {
    const batcher = createBatcher();
    await batcher.idle();
    void submitSingles(batcher, 1);
    await turn();
    let idle = false;
    const waiting = batcher.idle().then(() => {
      idle = true;
    });
    await turn();
    expect(idle).toBe(false);
    await inference.finish();
    await waiting;
  });
});

describe('a failure', () => {
  it('of a shared inference fails only the request that fails by itself, too', async () => {
    const batcher = createBatcher();
    const culprit = expect(batcher.submit(rows(2), forever)).rejects.toThrow('bad token');
    const neighbour = batcher.submit(rows(1, 5), forever);
    await turn();
    await inference.fail(new Error('bad token'));
    await inference.fail(new Error('bad token'));
    await inference.finish();
    await culprit;
    expect(await neighbour).toEqual([vectorOf([5, 0, 0, 0])]);
    expect(batchSizes()).toEqual([3, 2, 1]);
    expect(batcher.figures()).toMatchObject({ running: 0, queued: 0 });
  });

  it('of an inference fails the request in it and not the next', async () => {
    const batcher = createBatcher();
    const failing = batcher.submit(rows(1), forever);
    await turn();
    const next = batcher.submit(rows(1, 5), forever);
    const failed = expect(failing).rejects.toThrow('out of luck');
    await inference.fail(new Error('out of luck'));
    await failed;
    await inference.finish();
    expect(await next).toEqual([vectorOf([5, 0, 0, 0])]);
  });

  it('is what values that are not numbers are, for the request that has them', async () => {
    const batcher = createBatcher();
    const bad = expect(batcher.submit([[Number.NaN, 0, 0, 0]], forever)).rejects.toMatchObject({
      kind: 'engine_failure',
    });
    const good = batcher.submit(rows(1, 5), forever);
    await turn();
    await inference.finish();
    await bad;
    expect(await good).toEqual([vectorOf([5, 0, 0, 0])]);
  });
});

describe('whatever the interleaving', () => {
  it('every request gets its own vectors in its own order', async () => {
    const request = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 12 });
    const step = fc.oneof(
      fc.record({ do: fc.constant('submit' as const), lengths: request }),
      fc.record({ do: fc.constant('cancel' as const), nth: fc.nat(20) }),
      fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(0, 1, 2, 5) }),
      fc.record({ do: fc.constant('finish' as const) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        clock = createFakeClock();
        inference = createFakeInference();
        const batcher = createBatcher({ queueLimit: 10_000 });
        const open: { abort: AbortController; wanted: Float32Array[]; answer: Promise<unknown> }[] = [];
        let lastId = 0;
        for (const action of steps) {
          if (action.do === 'submit') {
            const texts = action.lengths.map((length) => Array.from({ length }, () => (lastId += 1)));
            const abort = new AbortController();
            const answer = batcher.submit(texts, abort.signal).catch((error: unknown) => error);
            open.push({ abort, wanted: texts.map(vectorOf), answer });
          } else if (action.do === 'cancel') open[action.nth]?.abort.abort();
          else if (action.do === 'wait') await clock.advance(action.ms);
          else if (inference.running) await inference.finish();
        }
        await clock.advance(5);
        while (inference.running) {
          await inference.finish();
          await clock.advance(5);
        }
        for (const { abort, wanted, answer } of open) {
          const got = await answer;
          if (got instanceof Error) expect(abort.signal.aborted).toBe(true);
          else expect(got).toEqual(wanted);
        }
        expect(batcher.figures()).toMatchObject({ running: 0, queued: 0 });
      }),
      { numRuns: 100 },
    );
  });
});
