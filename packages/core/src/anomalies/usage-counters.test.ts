import { describe, expect, it } from 'vitest';
import { testPrediction } from '../../test/predictions.ts';
import { latencyBin, medianLatency, usageWindowMs } from './usage.ts';
import { UsageCounters } from './usage-counters.ts';

const start = 1_699_999_800_000;

const at = (createdAt: number, rest = {}) => testPrediction({ createdAt, ...rest });

describe('usage counters', () => {
  it('counts each request for its model and for its key', () => {
    const counters = new UsageCounters('a');
    counters.count(at(start));
    counters.count(at(start + 10, { keyId: 'key2', outcome: 'client_error' }));
    counters.count(at(start + 20, { outcome: 'timeout', latencyMs: 900 }));
    const { rows } = counters.take(start + 1_000);
    const shown = rows.map(({ kind, subject, requests, errors, tokens }) => [kind, subject, requests, errors, tokens]);
    expect(shown).toEqual([
      ['model', 'chat', 3, 1, 24],
      ['key', 'key1', 2, 1, 16],
      ['key', 'key2', 1, 1, 8],
    ]);
    expect(rows[0]?.latency[latencyBin(100)]).toBe(1);
  });

  it('says the whole window again when more comes, and the next under another source', () => {
    const counters = new UsageCounters('a');
    counters.count(at(start));
    counters.take(start + 1_000);
    counters.count(at(start + 2_000));
    const again = counters.take(start + 60_000).rows;
    expect(again).toMatchObject([
      { startedAt: start, source: 'a.1', requests: 2 },
      { startedAt: start, source: 'a.1', requests: 2 },
    ]);
    expect(counters.take(start + usageWindowMs).rows).toEqual([]);
    counters.count(at(start + usageWindowMs));
    expect(counters.take(start + usageWindowMs).rows[0]).toMatchObject({
      startedAt: start + usageWindowMs,
      source: 'a.2',
      requests: 1,
    });
  });

  it('counts a request that ends at the edge in the window in which it ended', () => {
    const counters = new UsageCounters('a');
    counters.count(at(start + usageWindowMs - 50));
    expect(counters.take(start + usageWindowMs).rows[0]?.startedAt).toBe(start + usageWindowMs);
  });

  it('keeps what could not be written, of every window, until it is', () => {
    const counters = new UsageCounters('a');
    counters.count(at(start));
    const failed = counters.take(start + usageWindowMs);
    counters.count(at(start + usageWindowMs + 1));
    failed.putBack();
    const rows = counters.take(start + usageWindowMs + 1_000).rows.filter(({ kind }) => kind === 'model');
    expect(rows.map(({ startedAt, requests }) => [startedAt, requests])).toEqual([
      [start, 1],
      [start + usageWindowMs, 1],
    ]);
  });

  it('tells two thousand keys apart, and counts the rest for their model alone', () => {
    const counters = new UsageCounters('a');
    for (let key = 0; key < 2_100; key += 1) counters.count(at(start, { keyId: `key${key}` }));
    const { rows } = counters.take(start + 1_000);
    expect(rows.filter(({ kind }) => kind === 'key')).toHaveLength(2_000);
    expect(rows.find(({ kind }) => kind === 'model')?.requests).toBe(2_100);
  });
});

describe('median latency', () => {
  it('is placed in its half octave', () => {
    const latency: number[] = [];
    for (const ms of [90, 100, 110, 5_000, 9_000]) latency[latencyBin(ms)] = (latency[latencyBin(ms)] ?? 0) + 1;
    const median = medianLatency({ requests: 5, errors: 0, tokens: 0, latency: Array.from(latency, (n) => n ?? 0) });
    expect(median).toBeGreaterThan(90);
    expect(median).toBeLessThan(128);
    expect(medianLatency({ requests: 5, errors: 5, tokens: 0, latency: [] })).toBeUndefined();
  });
});
