import { createFakeClock } from '@scarmonit/core/test/fake-clock';
import { testPrediction } from '@scarmonit/core/test/predictions';
import { describe, expect, it } from 'vitest';
import { createPredictionRecorder } from './record-predictions.ts';

const prediction = (id: string) => testPrediction({ id });

function open(insert: (ids: readonly string[]) => Promise<void> = async () => undefined) {
  const clock = createFakeClock();
  const batches: string[][] = [];
  const behind: Promise<unknown>[] = [];
  const lost: number[] = [];
  let flushes = 0;
  const recorder = createPredictionRecorder({
    clock,
    repository: {
      insertMany: async (predictions) => {
        const ids = predictions.map(({ id }) => id);
        batches.push(ids);
        await insert(ids);
      },
    },
    traffic: {
      count: () => undefined,
      flush: async () => {
        flushes += 1;
      },
    },
    metrics: { count: () => undefined, flush: async () => undefined },
    writeFacts: async () => undefined,
    waitUntil: (work) => behind.push(work),
    onError: (_error, count) => lost.push(count),
  });
  return { clock, recorder, batches, behind, lost, flushes: () => flushes };
}

describe('the recorder of an isolate', () => {
  it('stores the first record at once, and gathers those of the next second', async () => {
    const { clock, recorder, batches, behind, flushes } = open();
    recorder.record(prediction('1'));
    await clock.advance(0);
    recorder.record(prediction('2'));
    recorder.record(prediction('3'));
    await clock.advance(999);
    expect(batches).toEqual([['1']]);
    await clock.advance(1);
    await Promise.all(behind);
    expect(batches).toEqual([['1'], ['2', '3']]);
    expect(flushes()).toBe(2);
  });

  it('keeps every request alive until its own record is stored', async () => {
    const { clock, recorder, behind } = open();
    recorder.record(prediction('1'));
    recorder.record(prediction('2'));
    expect(behind).toHaveLength(2);
    let settled = 0;
    for (const work of behind) void work.then(() => (settled += 1));
    await clock.advance(2_000);
    expect(settled).toBe(2);
  });

  it('tries again what the store did not take, in order, and says so', async () => {
    let isBroken = true;
    const { clock, recorder, batches, behind, lost } = open(async () => {
      if (isBroken) throw new Error('D1 is away');
    });
    recorder.record(prediction('1'));
    await clock.advance(1_000);
    isBroken = false;
    recorder.record(prediction('2'));
    await clock.advance(3_000);
    await Promise.all(behind);
    expect(lost).toEqual([0]);
    expect(batches.slice(1)).toEqual([['1', '2']]);
  });

  it('gives up the oldest when too many wait', async () => {
    const { clock, recorder, lost } = open(() => Promise.reject(new Error('D1 is away')));
    for (let id = 0; id < 5_003; id += 1) recorder.record(prediction(String(id)));
    await clock.advance(0);
    expect(lost[0]).toBe(3);
  });
});
