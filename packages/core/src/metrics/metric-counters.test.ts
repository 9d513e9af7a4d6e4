import { describe, expect, it } from 'vitest';
import { testPrediction } from '../../test/predictions.ts';
import type { Prediction } from '../ports/prediction-repository.ts';
import { MetricCounters } from './metric-counters.ts';
import { hourMs, minuteMs } from './windows.ts';

const start = 1_700_006_400_000;

/** A request that ended so long after the start. */
const endedAfter = (ms: number, more: Partial<Prediction> = {}): Prediction =>
  testPrediction({ createdAt: start + ms - 100, latencyMs: 100, ...more });

describe('counters of requests', () => {
  it('tell the whole of a minute each time, and only what has changed', () => {
    const counters = new MetricCounters('a');
    counters.count(endedAfter(0));
    counters.count(endedAfter(1, { version: '1.1.0' }));
    expect(counters.take(start + 1_000).flush.minutes).toMatchObject([{ requests: 1 }, { requests: 1 }]);
    expect(counters.isDirty).toBe(false);
    counters.count(endedAfter(2_000));
    const [again, ...others] = counters.take(start + 3_000).flush.minutes;
    expect(others).toEqual([]);
    expect(again).toMatchObject({ startedAt: start, version: '1.0.0', source: 'a.1', requests: 2 });
  });

  it('count a request where it ended', () => {
    const counters = new MetricCounters('a');
    counters.count(testPrediction({ createdAt: start - 5_000, latencyMs: 6_000 }));
    expect(counters.take(start + 1_000).flush.minutes).toMatchObject([{ startedAt: start }]);
  });

  it('tell refusals by their reason, beside the requests of models', () => {
    const counters = new MetricCounters('a');
    counters.count(endedAfter(0));
    counters.countRefusal('unknown_model', start);
    counters.countRefusal('unauthenticated', start + 1);
    counters.countRefusal('unknown_model', start + minuteMs);
    counters.countRefusal('unknown_model', start + minuteMs);
    const { minutes, keyHours, users } = counters.take(start + minuteMs + 1_000).flush;
    const told = minutes.map((row) => [row.startedAt, row.model, row.route, row.requests]);
    expect(told).toEqual([
      [start, 'chat', '/v1/chat/completions', 1],
      [start, '', 'unknown_model', 1],
      [start, '', 'unauthenticated', 1],
      [start + minuteMs, '', 'unknown_model', 2],
    ]);
    expect(keyHours).toMatchObject([{ requests: 1 }]);
    expect(users).toEqual([]);
  });

  it('begin a row of its own for a minute that was written and forgotten, as when the clock is set back', () => {
    const counters = new MetricCounters('a');
    counters.count(endedAfter(0));
    const [before] = counters.take(start + 5 * minuteMs).flush.minutes;
    counters.count(endedAfter(1_000));
    const [after] = counters.take(start + 5 * minuteMs).flush.minutes;
    expect(after).toMatchObject({ startedAt: start, requests: 1 });
    expect(after?.source).not.toBe(before?.source);
  });

  it('keep to one row while a minute may still get requests', () => {
    const counters = new MetricCounters('a');
    const sources = new Set<string | undefined>();
    for (const ms of [0, 30_000, 59_000, 59_999]) {
      counters.count(endedAfter(ms));
      sources.add(counters.take(start + ms + 1_000).flush.minutes[0]?.source);
    }
    expect(sources.size).toBe(1);
  });

  it('put back what could not be written, together with what came since', () => {
    const counters = new MetricCounters('a');
    counters.count(endedAfter(0, { endUser: 'ann' }));
    const { putBack } = counters.take(start + 1_000);
    counters.count(endedAfter(1_500, { endUser: 'ben' }));
    putBack();
    const { minutes, users, keyHours } = counters.take(start + 2_000).flush;
    expect(minutes).toMatchObject([{ requests: 2 }]);
    expect(keyHours).toMatchObject([{ requests: 2 }]);
    expect(users.map(({ endUser }) => endUser).sort()).toEqual(['ann', 'ben']);
  });

  it('give up what could not be written for an hour, and say how much', () => {
    const counters = new MetricCounters('a');
    counters.count(endedAfter(0));
    counters.take(start + 1_000).putBack();
    expect(counters.lost).toBe(0);
    counters.count(endedAfter(hourMs + minuteMs));
    counters.take(start + hourMs + minuteMs).putBack();
    expect(counters.lost).toBe(1);
    expect(counters.take(start + hourMs + minuteMs).flush.minutes).toMatchObject([
      { startedAt: start + hourMs + minuteMs },
    ]);
  });

  it('remember of an end user when it was last there', () => {
    const counters = new MetricCounters('a');
    for (const ms of [100, 900, 500]) counters.count(endedAfter(ms, { endUser: 'ann' }));
    counters.count(endedAfter(200, { endUser: 'ann', model: 'other' }));
    expect(counters.take(start + 1_000).flush.users).toEqual([
      { model: 'chat', endUser: 'ann', lastSeenAt: start + 900 },
      { model: 'other', endUser: 'ann', lastSeenAt: start + 200 },
    ]);
  });

  it('sum up what a key does in an hour', () => {
    const counters = new MetricCounters('a');
    counters.count(endedAfter(0, { inputTokens: 3, outputTokens: 4 }));
    counters.count(endedAfter(1, { outcome: 'error', inputTokens: 0, outputTokens: 0 }));
    counters.count(endedAfter(2, { outcome: 'cancelled', inputTokens: 1, outputTokens: 0 }));
    expect(counters.take(start + 1_000).flush.keyHours).toMatchObject([
      { startedAt: start, requests: 3, errors: 1, tokens: 8, latencyMs: 300 },
    ]);
  });
});
