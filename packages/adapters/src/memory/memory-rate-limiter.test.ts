import { GRAIN_MS, WINDOW_MS } from '@scarmonit/core/limits/usage-window';
import { createFakeClock } from '@scarmonit/core/test/fake-clock';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { testRateLimiter } from '../../test/contracts/rate-limiter.ts';
import { createMemoryRateLimiter } from './memory-rate-limiter.ts';

testRateLimiter('memory', { lateByMs: GRAIN_MS }, (clock) => createMemoryRateLimiter({ clock }));

const arrivals = fc.array(
  fc.record({
    waitMs: fc.oneof(fc.integer({ min: 0, max: 150 }), fc.integer({ min: 0, max: 30_000 })),
    tokens: fc.integer({ min: 0, max: 40 }),
    usedShare: fc.double({ min: 0, max: 1, noNaN: true }),
  }),
  { minLength: 1, maxLength: 120 },
);
const limits = fc.record({
  requestsPerMinute: fc.integer({ min: 1, max: 12 }),
  tokensPerMinute: fc.integer({ min: 40, max: 120 }),
});

/** A clock without timers, since advancing the fake one costs many turns of the promise queue. */
function createHandClock() {
  let time = 0;
  return {
    monotonicMs: () => time,
    advance: (ms: number) => {
      time += ms;
    },
  };
}

describe('memory rate limiter', () => {
  it('passes no more than the limits in any window of a minute', () => {
    fc.assert(
      fc.property(arrivals, limits, (requests, wanted) => {
        const clock = createHandClock();
        const limiter = createMemoryRateLimiter({ clock });
        const passed: { at: number; tokens: number }[] = [];
        for (const { waitMs, tokens, usedShare } of requests) {
          clock.advance(waitMs);
          const reservation = limiter.reserve('key', wanted, tokens);
          if (!('allowed' in reservation) || !reservation.allowed) continue;
          const used = Math.floor(tokens * usedShare);
          reservation.settle(used);
          passed.push({ at: clock.monotonicMs(), tokens: used });
        }
        for (const { at: start } of passed) {
          const within = passed.filter(({ at }) => at >= start && at < start + WINDOW_MS);
          expect(within.length).toBeLessThanOrEqual(wanted.requestsPerMinute);
          expect(within.reduce((sum, { tokens }) => sum + tokens, 0)).toBeLessThanOrEqual(wanted.tokensPerMinute);
        }
      }),
    );
  });

  it('passes a refused request after exactly the time it named, and takes nothing for refusing', () => {
    fc.assert(
      fc.property(arrivals, limits, (requests, wanted) => {
        const clock = createHandClock();
        const limiter = createMemoryRateLimiter({ clock });
        const reserve = (tokens: number) => {
          const reservation = limiter.reserve('key', wanted, tokens);
          if (!('allowed' in reservation)) throw new Error('the memory limiter answers at once');
          return reservation;
        };
        for (const { waitMs, tokens } of requests) {
          clock.advance(waitMs);
          const first = reserve(tokens);
          if (first.allowed) continue;
          clock.advance(first.retryAfterMs - 1);
          expect(reserve(tokens).allowed).toBe(false);
          clock.advance(1);
          expect(reserve(tokens).allowed).toBe(true);
        }
      }),
    );
  });

  it('answers at once, without a promise', () => {
    const limiter = createMemoryRateLimiter({ clock: createFakeClock() });
    expect(limiter.reserve('key', { requestsPerMinute: 1 }, 0)).not.toBeInstanceOf(Promise);
  });
});
