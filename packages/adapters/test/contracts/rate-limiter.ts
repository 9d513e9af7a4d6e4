import type { RateLimiter, RateLimits } from '@scarmonit/core/ports/rate-limiter';
import { createFakeClock, type FakeClock } from '@scarmonit/core/test/fake-clock';
import { beforeEach, describe, expect, it } from 'vitest';

const MINUTE_MS = 60_000;

export interface RateLimiterTraits {
  /** How much later than a minute after its use an allowance may come back at the most. */
  readonly lateByMs: number;
}

/** What every rate limiter must do. @param create makes an empty one that goes by the clock */
export function testRateLimiter(
  name: string,
  { lateByMs }: RateLimiterTraits,
  create: (clock: FakeClock) => Promise<RateLimiter> | RateLimiter,
): void {
  describe(`rate limiter: ${name}`, () => {
    let clock: FakeClock;
    let limiter: RateLimiter;
    beforeEach(async () => {
      clock = createFakeClock();
      limiter = await create(clock);
    });

    const reserve = async (limits: RateLimits, tokens = 0, keyId = 'key') => limiter.reserve(keyId, limits, tokens);
    const reserveMany = (count: number, limits: RateLimits, tokens = 0) =>
      Promise.all(Array.from({ length: count }, () => reserve(limits, tokens)));

    it('lets everything pass without limits, and reports none', async () => {
      const reservations = await reserveMany(1_000, {}, 1_000_000);
      expect(reservations.every(({ allowed }) => allowed)).toBe(true);
      expect(reservations[0]).not.toHaveProperty('requests');
      expect(reservations[0]).not.toHaveProperty('tokens');
    });

    it('passes exactly as many requests as allowed when 64 come at once', async () => {
      const reservations = await reserveMany(64, { requestsPerMinute: 40 });
      expect(reservations.filter(({ allowed }) => allowed)).toHaveLength(40);
    });

    it('passes exactly as many tokens as allowed when 64 come at once', async () => {
      const reservations = await reserveMany(64, { tokensPerMinute: 1_000 }, 30);
      expect(reservations.filter(({ allowed }) => allowed)).toHaveLength(33);
    });

    it('reports what is left and when it is whole again', async () => {
      const limits = { requestsPerMinute: 10, tokensPerMinute: 100 };
      await reserve(limits, 20);
      await clock.advance(1_000);
      const { requests, tokens } = await reserve(limits, 5);
      expect(requests).toEqual({ limit: 10, remaining: 8, resetMs: MINUTE_MS });
      expect(tokens).toEqual({ limit: 100, remaining: 75, resetMs: MINUTE_MS });
    });

    it('slides: it does not forget everything at the turn of a minute', async () => {
      await clock.advance(59_000);
      await reserveMany(10, { requestsPerMinute: 10 });
      await clock.advance(2_000);
      expect((await reserve({ requestsPerMinute: 10 })).allowed).toBe(false);
      await clock.advance(58_000 + lateByMs);
      expect((await reserve({ requestsPerMinute: 10 })).allowed).toBe(true);
    });

    it('says when a refused request would pass', async () => {
      const limits = { requestsPerMinute: 2 };
      await reserve(limits);
      await clock.advance(10_000);
      await reserve(limits);
      await clock.advance(10_000);
      const refused = await reserve(limits);
      expect(refused.allowed).toBe(false);
      expect(refused.retryAfterMs).toBeGreaterThanOrEqual(40_000);
      expect(refused.retryAfterMs).toBeLessThanOrEqual(40_000 + lateByMs);
      await clock.advance(refused.retryAfterMs - lateByMs - 1);
      expect((await reserve(limits)).allowed).toBe(false);
      await clock.advance(lateByMs + 1);
      expect((await reserve(limits)).allowed).toBe(true);
    });

    it('waits for as many tokens as the request needs', async () => {
      const limits = { tokensPerMinute: 100 };
      await reserve(limits, 10);
      await clock.advance(20_000);
      await reserve(limits, 90);
      expect((await reserve(limits, 10)).retryAfterMs).toBeLessThanOrEqual(40_000 + lateByMs);
      expect((await reserve(limits, 11)).retryAfterMs).toBeGreaterThanOrEqual(60_000);
    });

    it('takes nothing when it refuses', async () => {
      const limits = { requestsPerMinute: 100, tokensPerMinute: 100 };
      await reserve(limits, 60);
      for (const refused of await reserveMany(50, limits, 41)) expect(refused.allowed).toBe(false);
      const last = await reserve(limits, 40);
      expect(last).toMatchObject({ allowed: true, requests: { remaining: 98 }, tokens: { remaining: 0 } });
    });

    it('never passes a request that alone is larger than the limit', async () => {
      const refused = await reserve({ tokensPerMinute: 100 }, 101);
      expect(refused.allowed).toBe(false);
      expect(refused.retryAfterMs).toBe(MINUTE_MS);
      await clock.advance(MINUTE_MS);
      expect((await reserve({ tokensPerMinute: 100 }, 101)).allowed).toBe(false);
    });

    it('gives back what was estimated but not used', async () => {
      const limits = { tokensPerMinute: 100 };
      const reservation = await reserve(limits, 100);
      expect((await reserve(limits, 1)).allowed).toBe(false);
      reservation.settle(30);
      expect((await reserve(limits, 70)).allowed).toBe(true);
      expect((await reserve(limits, 1)).allowed).toBe(false);
    });

    it('takes what was used beyond the estimate', async () => {
      const limits = { tokensPerMinute: 100 };
      const reservation = await reserve(limits, 10);
      reservation.settle(150);
      const refused = await reserve(limits, 1);
      expect(refused).toMatchObject({ allowed: false, tokens: { remaining: 0 } });
    });

    it('settles once, and never a refused request', async () => {
      const limits = { requestsPerMinute: 2, tokensPerMinute: 100 };
      const reservation = await reserve(limits, 50);
      reservation.settle(10);
      reservation.settle(0);
      const refused = await reserve(limits, 91);
      refused.settle(0);
      expect(await reserve(limits, 90)).toMatchObject({ allowed: true, tokens: { remaining: 0 } });
    });

    it('ignores what is settled after its minute has passed', async () => {
      const limits = { tokensPerMinute: 100 };
      const late = await reserve(limits, 50);
      await clock.advance(MINUTE_MS + lateByMs);
      await reserve(limits, 50);
      late.settle(0);
      expect(await reserve(limits, 51)).toMatchObject({ allowed: false, tokens: { remaining: 50 } });
    });

    it('keeps keys apart', async () => {
      await reserve({ requestsPerMinute: 1 });
      expect((await reserve({ requestsPerMinute: 1 }, 0, 'other')).allowed).toBe(true);
      expect((await reserve({ requestsPerMinute: 1 })).allowed).toBe(false);
    });
  });
}
