import { QuantileSketch } from '@scarmonit/core/metrics/quantile-sketch';
import { dayMs, hourMs, minuteMs } from '@scarmonit/core/metrics/windows';
import type { MetricRow, MetricsRepository, MinuteRow, Tier } from '@scarmonit/core/ports/metrics-repository';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OpenedRepository } from './opened-repository.ts';

const midnight = 1_700_006_400_000;

function sketch(...values: readonly number[]): string {
  const made = new QuantileSketch();
  for (const value of values) made.add(value);
  return made.toText();
}

function minute(startedAt: number, more: Partial<MinuteRow> = {}): MinuteRow {
  return {
    startedAt,
    model: 'chat',
    version: '1.0.0',
    route: '/v1/chat/completions',
    outcome: 'ok',
    source: 'a.1',
    requests: 1,
    inputTokens: 10,
    outputTokens: 20,
    costUsd: 0.5,
    latency: sketch(100),
    firstToken: sketch(),
    queue: sketch(5),
    ...more,
  };
}

/** What every metrics repository must do. @param open makes an empty one that knows the project `default` */
export function testMetricsRepository(name: string, open: () => Promise<OpenedRepository<MetricsRepository>>): void {
  describe(`metrics repository: ${name}`, () => {
    let opened: OpenedRepository<MetricsRepository>;
    beforeEach(async () => {
      opened = await open();
    });
    afterEach(() => opened.close());

    const write = (...minutes: readonly MinuteRow[]) =>
      opened.repository.write('default', { minutes, keyHours: [], users: [] });
    const list = (longest: Tier, from = midnight, to = midnight + 3 * dayMs) =>
      opened.repository.list('default', { from, to, longest });
    const requests = (rows: readonly MetricRow[]): number => rows.reduce((sum, row) => sum + row.requests, 0);

    it('gives back what was written', async () => {
      const { source: _, ...row } = minute(midnight);
      await write(minute(midnight));
      expect(await list('minute')).toEqual([row]);
    });

    it('gives back the texts that are asked for, of requests that were answered well', async () => {
      await write(minute(midnight), minute(midnight, { outcome: 'error', latency: sketch(900) }));
      const window = { from: midnight, to: midnight + minuteMs, longest: 'minute' as const };
      const texts = async (wanted: Parameters<MetricsRepository['list']>[1]) =>
        new Map(
          (await opened.repository.list('default', wanted)).map(({ outcome, latency, queue }) => [
            outcome,
            { latency, queue },
          ]),
        );
      expect(await texts({ ...window, distributions: ['latency'] })).toEqual(
        new Map([
          ['ok', { latency: sketch(100), queue: '' }],
          ['error', { latency: '', queue: '' }],
        ]),
      );
      expect((await texts(window)).get('error')).toEqual({ latency: sketch(900), queue: sketch(5) });
    });

    it('lets a source replace what it said of a minute, and never with less', async () => {
      await write(minute(midnight, { requests: 2, latency: sketch(100, 200) }));
      await write(minute(midnight, { requests: 3, latency: sketch(100, 200, 300) }));
      await write(minute(midnight, { requests: 2, latency: sketch(100, 200) }));
      expect(await list('minute')).toMatchObject([{ requests: 3, latency: sketch(100, 200, 300) }]);
    });

    it('keeps sources, versions, routes and outcomes apart', async () => {
      await write(
        minute(midnight),
        minute(midnight, { source: 'b.1' }),
        minute(midnight, { version: '1.1.0' }),
        minute(midnight, { route: '/v1/completions' }),
        minute(midnight, { outcome: 'error' }),
        minute(midnight, { model: 'other' }),
      );
      expect(await list('minute')).toHaveLength(6);
      const query = { from: midnight, to: midnight + minuteMs, longest: 'minute', model: 'other' } as const;
      expect(await opened.repository.list('default', query)).toMatchObject([{ model: 'other' }]);
      expect(await opened.repository.list('elsewhere', query)).toEqual([]);
    });

    it('sums minutes of all sources up to hours, and hours up to days', async () => {
      await write(
        minute(midnight, { latency: sketch(100) }),
        minute(midnight, { source: 'b.1', latency: sketch(200) }),
        minute(midnight + 59 * minuteMs, { latency: sketch(300) }),
        minute(midnight + hourMs, { latency: sketch(400) }),
      );
      await opened.repository.fold('default', midnight + dayMs + 2 * minuteMs);
      expect(await list('minute')).toHaveLength(4);
      expect(await list('hour')).toMatchObject([
        { startedAt: midnight, requests: 3, inputTokens: 30, outputTokens: 60, costUsd: 1.5, queue: sketch(5, 5, 5) },
        { startedAt: midnight + hourMs, requests: 1 },
      ]);
      const days = await list('day');
      expect(days).toMatchObject([{ startedAt: midnight, requests: 4, outputTokens: 80 }]);
      expect(QuantileSketch.fromText(days[0]?.latency ?? '').toText()).toBe(sketch(100, 200, 300, 400));
    });

    it('covers a window exactly, wherever it begins and ends', async () => {
      const times = Array.from({ length: 60 }, (_, index) => midnight + index * 67 * minuteMs);
      await write(...times.map((at) => minute(at)));
      await opened.repository.fold('default', midnight + 2 * dayMs + 2 * minuteMs);
      for (const [from, to] of [
        [0, 3 * dayMs],
        [7 * minuteMs, 2 * dayMs + 5 * hourMs + 9 * minuteMs],
        [67 * minuteMs, 68 * minuteMs],
        [30 * hourMs, 31 * hourMs],
        [25 * minuteMs, dayMs + 1 * minuteMs],
      ] as const) {
        const expected = times.filter((at) => at >= midnight + from && at < midnight + to).length;
        for (const longest of ['minute', 'hour', 'day', 'all'] as const) {
          expect(requests(await list(longest, midnight + from, midnight + to))).toBe(expected);
        }
      }
    });

    it('sums up a bounded part at once, the oldest first, and the rest with the next calls', async () => {
      const hours = Array.from({ length: 30 }, (_, index) => midnight + index * hourMs);
      await write(...hours.flatMap((at) => [minute(at), minute(at + minuteMs)]));
      const now = midnight + 2 * dayMs + 2 * minuteMs;
      const lengths: number[] = [];
      for (let call = 0; call < 3; call += 1) {
        await opened.repository.fold('default', now + call * minuteMs);
        const rows = await list('hour');
        expect(requests(rows)).toBe(60);
        lengths.push(rows.length);
      }
      expect(lengths).toEqual([36, 30, 30]);
      expect(await list('day')).toMatchObject([{ requests: 48 }, { requests: 12 }]);
    });

    it('counts what comes late, before and after it is summed up again', async () => {
      await write(minute(midnight));
      const later = midnight + dayMs + 2 * minuteMs;
      await opened.repository.fold('default', later);
      await write(minute(midnight + minuteMs, { source: 'slow.1' }));
      expect(requests(await list('day'))).toBe(2);
      await opened.repository.fold('default', later + minuteMs);
      expect(await list('day')).toMatchObject([{ startedAt: midnight, requests: 2 }]);
    });

    it('counts what comes late into an hour that had nothing', async () => {
      await write(minute(midnight), minute(midnight + 5 * hourMs));
      const later = midnight + dayMs + 2 * minuteMs;
      await opened.repository.fold('default', later);
      expect(await list('day')).toMatchObject([{ startedAt: midnight, requests: 2 }]);
      await write(minute(midnight + 2 * hourMs, { source: 'slow.1' }));
      expect(requests(await list('hour'))).toBe(3);
      expect(requests(await list('day'))).toBe(3);
      await opened.repository.fold('default', later + minuteMs);
      expect(await list('day')).toMatchObject([{ startedAt: midnight, requests: 3 }]);
    });

    it('forgets no request when it forgets minutes, hours and days', async () => {
      await write(minute(midnight), minute(midnight + hourMs), minute(midnight + 39 * dayMs));
      const now = midnight + 40 * dayMs;
      await opened.repository.fold('default', now);
      for (let run = 0; run < 2; run += 1) {
        while (await opened.repository.expire('default', now, now - 30 * dayMs));
        expect(await list('all', 0, now)).toMatchObject([
          { startedAt: 0, requests: 2 },
          { startedAt: midnight + 39 * dayMs, requests: 1 },
        ]);
        expect(await list('day', 0, now)).toHaveLength(1);
      }
      await opened.repository.fold('default', now + minuteMs);
      expect(requests(await list('all', 0, now))).toBe(3);
    });

    it('forgets a bounded part at once, says whether there is more, and loses nothing between', async () => {
      let calls = 1;
      const days = Array.from({ length: 20 }, (_, index) => midnight + index * dayMs);
      await write(...days.map((at) => minute(at)));
      const now = midnight + 60 * dayMs;
      await opened.repository.fold('default', now);
      while (await opened.repository.expire('default', now, now - 30 * dayMs)) {
        calls += 1;
        expect(requests(await list('all', 0, now))).toBe(20);
      }
      expect(calls).toBeGreaterThan(3);
      expect(await list('day', 0, now)).toHaveLength(0);
      expect(await list('all', 0, now)).toMatchObject([{ startedAt: 0, requests: 20 }]);
    });

    it('forgets end users and hours of keys that are long gone', async () => {
      const users = [
        { model: 'chat', endUser: 'old', lastSeenAt: midnight },
        { model: 'chat', endUser: 'new', lastSeenAt: midnight + 39 * dayMs },
      ];
      const hour = { keyId: 'k1', source: 'a.1', requests: 1, errors: 0, tokens: 0, latencyMs: 0 };
      const keyHours = [midnight, midnight + 39 * dayMs].map((startedAt) => ({ ...hour, startedAt }));
      await opened.repository.write('default', { minutes: [], keyHours, users });
      expect(await opened.repository.expire('default', midnight + 40 * dayMs, 0)).toBe(false);
      expect(await opened.repository.countUsers('default', 0)).toEqual(new Map([['chat', 1]]));
      expect(await opened.repository.listKeyHours('default', 0)).toMatchObject([{ startedAt: midnight + 39 * dayMs }]);
    });

    it('keeps minutes for two days, and those that are in no hour yet', async () => {
      await write(minute(midnight), minute(midnight + 3 * dayMs));
      await opened.repository.expire('default', midnight + 4 * dayMs, 0);
      expect(await list('minute', midnight, midnight + 4 * dayMs)).toHaveLength(2);
      await opened.repository.fold('default', midnight + 4 * dayMs);
      await opened.repository.expire('default', midnight + 4 * dayMs, 0);
      expect(await list('minute', midnight, midnight + 4 * dayMs)).toMatchObject([{ startedAt: midnight + 3 * dayMs }]);
    });

    it('counts end users once, by when they were last seen', async () => {
      const see = (endUser: string, lastSeenAt: number, model = 'chat') =>
        opened.repository.write('default', { minutes: [], keyHours: [], users: [{ model, endUser, lastSeenAt }] });
      await see('u1', 1_000);
      await see('u1', 5_000);
      await see('u1', 3_000);
      await see('u2', 2_000);
      await see('u1', 2_000, 'other');
      expect(await opened.repository.countUsers('default', 0)).toEqual(
        new Map([
          ['chat', 2],
          ['other', 1],
        ]),
      );
      expect(await opened.repository.countUsers('default', 5_000)).toEqual(new Map([['chat', 1]]));
    });

    it("sums a key's hour over sources", async () => {
      const row = { keyId: 'k1', startedAt: midnight, requests: 4, errors: 1, tokens: 100, latencyMs: 50 };
      const say = (source: string, more: Partial<typeof row> = {}) =>
        opened.repository.write('default', { minutes: [], users: [], keyHours: [{ ...row, source, ...more }] });
      await say('a.1');
      await say('a.1', { requests: 6 });
      await say('a.1', { requests: 5 });
      await say('b.1');
      await say('b.2', { startedAt: midnight - hourMs });
      expect(await opened.repository.listKeyHours('default', midnight)).toEqual([
        { ...row, requests: 10, errors: 2, tokens: 200, latencyMs: 100 },
      ]);
    });

    it('writes nothing of a flush that fails', async () => {
      const broken = { model: 'chat', endUser: 'u1', lastSeenAt: null as unknown as number };
      await expect(
        opened.repository.write('default', { minutes: [minute(midnight)], keyHours: [], users: [broken] }),
      ).rejects.toThrow();
      expect(await list('minute')).toEqual([]);
    });
  });
}
