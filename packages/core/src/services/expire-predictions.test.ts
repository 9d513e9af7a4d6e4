import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../../test/fake-clock.ts';
import type { BlobStore } from '../ports/blob-store.ts';
import type { Prediction } from '../ports/prediction-repository.ts';
import { deleteExpired, expirePredictions } from './expire-predictions.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** A store with so many records that are too old, and what it was asked. */
function start(old: number, retentionDays = 30) {
  const clock = createFakeClock();
  const errors: unknown[] = [];
  const calls: { readonly ageDays: number; readonly limit: number }[] = [];
  let left = old;
  let failure: Error | undefined;
  const expiry = expirePredictions({
    clock,
    projectId: 'default',
    retentionDays,
    onError: (error) => errors.push(error),
    repository: {
      listOldest: () => Promise.reject(new Error('Nothing is archived.')),
      deleteBefore: async (_project, createdBefore, limit) => {
        calls.push({ ageDays: (clock.now() - createdBefore) / dayMs, limit });
        if (failure !== undefined) throw failure;
        const deleted = Math.min(limit, left);
        left -= deleted;
        return deleted;
      },
    },
  });
  const fail = (error: Error | undefined): void => {
    failure = error;
  };
  return { clock, errors, calls, expiry, fail, left: () => left };
}

describe('the expiry of request records', () => {
  it('deletes what is older than the retention, in batches, a minute after the start', async () => {
    const { clock, calls, left } = start(4_500);
    await clock.advance(minuteMs - 1);
    expect(calls).toEqual([]);
    await clock.advance(1);
    expect(left()).toBe(0);
    expect(calls).toEqual([2_000, 2_000, 2_000].map((limit) => ({ ageDays: 30, limit })));
  });

  it('runs once an hour', async () => {
    const { clock, calls } = start(0, 7);
    await clock.advance(minuteMs + 3 * hourMs);
    expect(calls).toHaveLength(4);
    expect(calls[3]?.ageDays).toBe(7);
  });

  it('reports a failure and tries again an hour later', async () => {
    const { clock, errors, calls, fail, left } = start(10);
    const failure = new Error('the disk is full');
    fail(failure);
    await clock.advance(minuteMs);
    expect(errors).toEqual([failure]);
    fail(undefined);
    await clock.advance(hourMs);
    expect(calls).toHaveLength(2);
    expect(left()).toBe(0);
  });

  it('keeps everything for ever with a retention of 0', async () => {
    const { clock, calls } = start(10, 0);
    await clock.advance(2 * dayMs);
    expect(calls).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  it('begins nothing after it was closed', async () => {
    const { clock, calls, expiry } = start(10);
    await expiry.close();
    await clock.advance(dayMs);
    expect(calls).toEqual([]);
  });

  it('keeps what it deletes as files, batch by batch, and deletes nothing that it could not keep', async () => {
    const records = Array.from({ length: 3 }, (_, number) => ({ ...record, id: `0${number}` }));
    const files = new Map<string, string>();
    let isFull = true;
    const archive = {
      put: async (name: string, body: Uint8Array | AsyncIterable<Uint8Array>) => {
        if (isFull) throw new Error('The disk is full.');
        files.set(name, new TextDecoder().decode(body as Uint8Array));
        return { name, sizeBytes: 0, etag: '', storedAt: 0 };
      },
    } as BlobStore;
    const left = [...records];
    const run = () =>
      deleteExpired(
        {
          projectId: 'default',
          retentionDays: 30,
          archive,
          repository: {
            listOldest: async (_project, _before, limit) => left.slice(0, limit),
            deleteBefore: async (_project, _before, limit) => left.splice(0, limit).length,
          },
        },
        record.createdAt + 31 * dayMs,
        { rowsAtOnce: 2, mayGoOn: () => true },
      );
    await expect(run()).rejects.toThrow('The disk is full.');
    expect(left).toHaveLength(3);
    isFull = false;
    await run();
    expect(left).toEqual([]);
    expect([...files.keys()]).toEqual(['predictions/2026-11-24/00.ndjson', 'predictions/2026-11-24/02.ndjson']);
    const lines = [...files.values()].join('').trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual(records);
  });
});

const record: Prediction = {
  id: '00',
  requestId: 'req_1',
  projectId: 'default',
  createdAt: Date.UTC(2026, 10, 24),
  keyId: 'key',
  model: 'm',
  version: '1.0.0',
  route: '/v1/chat/completions',
  outcome: 'ok',
  status: 200,
  stream: false,
  latencyMs: 1,
  inputTokens: 2,
  outputTokens: 3,
  costUsd: 0.5,
};
