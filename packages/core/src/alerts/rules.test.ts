import { describe, expect, it } from 'vitest';
import type { ApiKey } from '../keys/api-key.ts';
import { dayMs, hourMs, minuteMs } from '../metrics/windows.ts';
import { readDisk } from './disk-rule.ts';
import { isLimited, readKey } from './key-rule.ts';
import { readSchedule, scheduleRulesOf } from './schedule-rules.ts';
import { findSilence } from './silence.ts';
import { readTraffic } from './traffic-rule.ts';
import { formatBytes, formatCount, formatDuration, formatWindow } from './words.ts';

const noon = Date.UTC(2026, 0, 15, 12);

describe('no traffic', () => {
  const hoursOf = (count: number, requestsAt: (hour: number) => number) =>
    new Map(
      Array.from({ length: count }, (_, hour) => [noon - (count - hour) * hourMs, requestsAt(hour)] as const).filter(
        ([, requests]) => requests > 0,
      ),
    );
  /** The last request ended at noon. */
  const isMissed = (hours: ReadonlyMap<number, number>, silentMs: number) =>
    readTraffic('chat', { hours, lastAt: noon }, noon + silentMs).isTrue;

  it('is missed when the quietest hour makes so long a silence a matter of one in a million', () => {
    const steady = hoursOf(48, (hour) => (hour === 20 ? 60 : 600));
    // 60 an hour, one a minute: ln 10⁶ = 13.8 minutes.
    expect(isMissed(steady, 13.8 * minuteMs)).toBe(false);
    expect(isMissed(steady, 13.9 * minuteMs)).toBe(true);
    expect(readTraffic('chat', { hours: steady, lastAt: noon }, noon + 20 * minuteMs).summary).toBe(
      'No request for 20 minutes; the quietest hour of the last seven days had 60 requests.',
    );
  });

  it('is missed after five minutes at the soonest, however busy the model', () => {
    const busy = hoursOf(48, () => 1e6);
    expect(isMissed(busy, 5 * minuteMs)).toBe(false);
    expect(isMissed(busy, 5 * minuteMs + 1)).toBe(true);
  });

  it('is not missed at night where nights are quiet', () => {
    const office = hoursOf(72, (hour) => (hour % 24 < 10 ? 500 : 0));
    const lastAt = noon - 14 * hourMs;
    const read = (silentMs: number) => readTraffic('chat', { hours: office, lastAt }, lastAt + silentMs).isTrue;
    expect(read(30 * hourMs)).toBe(false);
    expect(read(30 * hourMs + 1)).toBe(true);
  });

  it('is missed only where there was traffic for a day', () => {
    expect(
      isMissed(
        hoursOf(24, () => 600),
        dayMs,
      ),
    ).toBe(false);
    expect(
      isMissed(
        hoursOf(26, () => 600),
        dayMs,
      ),
    ).toBe(true);
    expect(readTraffic('chat', undefined, noon).isTrue).toBe(false);
  });
});

describe('disk space', () => {
  const severities = (freeBytes: number, totalBytes: number) =>
    readDisk({ freeBytes, totalBytes }).flatMap(({ isTrue, rule }) => (isTrue ? [rule.severity] : []));

  it('calls for one alert at a time, by the smaller of share and size', () => {
    expect(severities(30e9, 1e12)).toEqual([]);
    expect(severities(19e9, 1e12)).toEqual(['ticket']);
    expect(severities(1.9e9, 1e12)).toEqual(['page']);
    expect(severities(1.1e9, 10e9)).toEqual([]);
    expect(severities(0.9e9, 10e9)).toEqual(['ticket']);
    expect(severities(0.2e9, 10e9)).toEqual(['page']);
  });
});

describe("a key's limit", () => {
  const key: ApiKey = {
    id: 'k1',
    projectId: 'default',
    name: 'app',
    prefix: 'sk-ab12',
    sha256: '',
    scopes: ['infer'],
    requestsPerMinute: 100,
    createdAt: 0,
  };
  const now = noon + 15 * minuteMs;
  const hour = (startedAt: number, requests: number, tokens = 0) => ({ startedAt, requests, tokens });

  it('is near when the last 60 minutes used nine tenths of it', () => {
    // Three quarters of the hour before, and this one: 0.75 · 6,000 + 900 = 5,400 of 6,000.
    expect(readKey(key, [hour(noon - hourMs, 6_000), hour(noon, 900)], now)).toMatchObject({
      isTrue: true,
      summary: 'It used 5,400 requests in the last hour, 90 % of the 6,000 that its limit allows.',
    });
    expect(readKey(key, [hour(noon - hourMs, 6_000), hour(noon, 899)], now).isTrue).toBe(false);
    expect(readKey(key, [hour(noon - 2 * hourMs, 60_000)], now).isTrue).toBe(false);
  });

  it('is whichever of requests and tokens is nearer', () => {
    const both = { ...key, tokensPerMinute: 1_000 };
    expect(readKey(both, [hour(noon, 10, 59_000)], now).summary).toBe(
      'It used 59,000 tokens in the last hour, 98 % of the 60,000 that its limit allows.',
    );
  });

  it('is watched only of keys that have one and can be used', () => {
    const { requestsPerMinute: _, ...unlimited } = key;
    expect(isLimited(key, now)).toBe(true);
    expect(isLimited(unlimited, now)).toBe(false);
    expect(isLimited({ ...key, revokedAt: 1 }, now)).toBe(false);
    expect(isLimited({ ...key, expiresAt: now }, now)).toBe(false);
  });
});

describe('the schedule of a model', () => {
  const spec = { name: 'chat', maintenance: { owner: 'ml-team', nextUpdate: '2026-01-15', reviewEveryDays: 30 } };
  const day = Date.UTC(2026, 0, 15);
  const firing = (updatedAt: number, now: number, reviewedAt?: number) =>
    readSchedule(spec, { updatedAt, ...(reviewedAt === undefined ? {} : { reviewedAt }) }, now).flatMap(
      ({ isTrue, rule }) => (isTrue ? [rule.id] : []),
    );

  it('calls an update to mind a week before its day, and says when that is over', () => {
    const before = day - 20 * dayMs;
    expect(firing(before, day - 7 * dayMs - 1)).toEqual([]);
    expect(firing(before, day - 7 * dayMs)).toEqual(['update-schedule/chat/due']);
    expect(firing(before, day + dayMs - 1)).toEqual(['update-schedule/chat/due']);
    expect(firing(before, day + dayMs)).toEqual(['update-schedule/chat/overdue']);
    expect(readSchedule(spec, { updatedAt: before }, day + 3 * dayMs)[1]).toMatchObject({
      summary: 'The update was planned for 2026-01-15, 3 days ago.',
      advice: 'Its owner, ml-team, rolls out a new version, or writes another day into maintenance.nextUpdate of chat.',
    });
  });

  it('is content with an update in the week before or later', () => {
    expect(firing(day - 7 * dayMs, day + dayMs)).toEqual([]);
    expect(firing(day - 7 * dayMs - 1, day + dayMs)).toEqual(['update-schedule/chat/overdue']);
  });

  it('wants a review as often as it says, and an update or a receipt is one', () => {
    const updated = day - dayMs;
    expect(firing(updated, updated + 30 * dayMs)).toEqual([]);
    expect(firing(updated, updated + 30 * dayMs + 1)).toEqual(['review-schedule/chat/overdue']);
    expect(firing(updated, updated + 30 * dayMs + 1, updated + dayMs)).toEqual([]);
  });

  it('is watched as far as the manifest has one', () => {
    expect(scheduleRulesOf({ name: 'chat' })).toEqual([]);
    expect(scheduleRulesOf({ name: 'chat', maintenance: { owner: 'ml-team' } })).toEqual([]);
  });
});

describe('a silence', () => {
  const alert = { ruleId: 'latency/chat/page', model: 'chat', kind: 'latency' as const };
  const silence = { id: 's1', reason: 'why', createdBy: 'sk', createdAt: 10, until: 20 };

  it('covers what matches all that it names, from its begin to before its end', () => {
    const of = (more: object, now = 15) => findSilence(alert, [{ ...silence, ...more }], now)?.id;
    expect(of({ model: 'chat', kind: 'latency' })).toBe('s1');
    expect(of({ model: 'chat', kind: 'disk' })).toBeUndefined();
    expect(of({ model: 'other' })).toBeUndefined();
    expect(of({ ruleId: 'latency/chat/page' })).toBe('s1');
    expect(of({ ruleId: 'latency/chat/ticket' })).toBeUndefined();
    expect(of({ model: 'chat' }, 10)).toBe('s1');
    expect(of({ model: 'chat' }, 20)).toBeUndefined();
    expect(of({ model: 'chat' }, 9)).toBeUndefined();
  });
});

describe('figures in words', () => {
  it('have their units', () => {
    expect([0, 999, 1_000, 1_234_567.4].map(formatCount)).toEqual(['0', '999', '1,000', '1,234,567']);
    expect([500, minuteMs, 90 * minuteMs, hourMs, dayMs, 47 * hourMs, 3 * dayMs].map(formatDuration)).toEqual([
      '1 second',
      '1 minute',
      '90 minutes',
      '1 hour',
      '1 day',
      '47 hours',
      '3 days',
    ]);
    expect([hourMs, 5 * minuteMs, 3 * dayMs].map(formatWindow)).toEqual(['last hour', 'last 5 minutes', 'last 3 days']);
    expect([0, 999, 12_500, 2e9, 3.21e12].map(formatBytes)).toEqual(['0 B', '999 B', '12.5 kB', '2 GB', '3.21 TB']);
  });
});
