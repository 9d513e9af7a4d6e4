import type { Clock } from '@scarmonit/core/ports/clock';
import type { Allowance, RateLimiter, RateLimits, Reservation } from '@scarmonit/core/ports/rate-limiter';
import { createUsageWindow, type UsageWindow, WINDOW_MS } from './usage-window.ts';

/**
 * Limits over a sliding minute, in the memory of one process. No window of 60 s ever passes more than the limit; an
 * allowance comes back up to 100 ms late when a key is used in bursts (see usage-window.ts). A request that was admitted
 * on too low an estimate may pass the token limit by what it really used, and the following ones wait for it.
 *
 * Each call costs a few map and array operations; a key that was idle for a minute takes no memory.
 */
export function createMemoryRateLimiter({ clock }: { readonly clock: Pick<Clock, 'monotonicMs'> }): RateLimiter {
  /** By key, the least recently used first. */
  const windows = new Map<string, UsageWindow>();

  const evictIdle = (now: number): void => {
    for (const [keyId, window] of windows) {
      if (window.emptyIn(now) > 0) return;
      windows.delete(keyId);
    }
  };

  return {
    reserve(keyId, limits, estimatedTokens) {
      if (limits.requestsPerMinute === undefined && limits.tokensPerMinute === undefined) return unlimited;
      const now = clock.monotonicMs();
      evictIdle(now);
      const tokens = Math.max(0, estimatedTokens);
      const window = windows.get(keyId) ?? createUsageWindow();
      window.moveTo(now);

      const requestsLeft = (limits.requestsPerMinute ?? Number.POSITIVE_INFINITY) - 1;
      const tokensLeft = (limits.tokensPerMinute ?? Number.POSITIVE_INFINITY) - tokens;
      if (window.requests > requestsLeft || window.tokens > tokensLeft) {
        const fits = requestsLeft >= 0 && tokensLeft >= 0;
        const waitMs = fits ? window.waitUntil(now, requestsLeft, tokensLeft) : WINDOW_MS;
        return { allowed: false, ...allowances(window, limits, now), retryAfterMs: Math.ceil(waitMs), settle: ignore };
      }

      const slot = window.add(now, tokens);
      // Deleted first, so that the key moves to the end of the map's order.
      windows.delete(keyId);
      windows.set(keyId, window);
      let settled = false;
      return {
        allowed: true,
        ...allowances(window, limits, now),
        retryAfterMs: 0,
        settle(usedTokens) {
          if (settled) return;
          settled = true;
          window.correct(slot, Math.max(0, usedTokens) - tokens);
        },
      };
    },
  };
}

const ignore = (): void => undefined;

const unlimited: Reservation = { allowed: true, retryAfterMs: 0, settle: ignore };

function allowances(
  window: UsageWindow,
  limits: RateLimits,
  now: number,
): { readonly requests?: Allowance; readonly tokens?: Allowance } {
  const resetMs = Math.ceil(window.emptyIn(now));
  const left = (limit: number, used: number): Allowance => ({ limit, remaining: Math.max(0, limit - used), resetMs });
  return {
    ...(limits.requestsPerMinute === undefined ? {} : { requests: left(limits.requestsPerMinute, window.requests) }),
    ...(limits.tokensPerMinute === undefined ? {} : { tokens: left(limits.tokensPerMinute, window.tokens) }),
  };
}
