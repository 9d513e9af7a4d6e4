import { takeFromWindow } from '@scarmonit/core/limits/take-from-window';
import { createUsageWindow, type UsageWindow } from '@scarmonit/core/limits/usage-window';
import type { Clock } from '@scarmonit/core/ports/clock';
import type { Allowance, RateLimiter, Reservation } from '@scarmonit/core/ports/rate-limiter';

/**
 * Limits over a sliding minute, in the memory of one process. No window of 60 s ever passes more than the limit; an
 * allowance comes back up to 100 ms late when a key is used in bursts (see core/limits/usage-window.ts). A request that was
 * admitted on too low an estimate may pass the token limit by what it really used, and the following ones wait for it.
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
      const { slot, requests, tokens: tokensLeft, retryAfterMs } = takeFromWindow(window, limits, tokens, now);
      const left = allowances(requests, tokensLeft);
      if (slot === undefined) return { ...left, allowed: false, retryAfterMs, settle: ignore };

      // Deleted first, so that the key moves to the end of the map's order.
      windows.delete(keyId);
      windows.set(keyId, window);
      let settled = false;
      return {
        ...left,
        allowed: true,
        retryAfterMs,
        settle(usedTokens) {
          if (settled) return;
          settled = true;
          window.correct(slot, Math.max(0, usedTokens) - tokens);
        },
      };
    },
  };
}

/** Without a spread of what is there or not, which takes longer than the whole of a window's counting. */
function allowances(requests: Allowance | undefined, tokens: Allowance | undefined) {
  if (requests === undefined) return tokens === undefined ? {} : { tokens };
  return tokens === undefined ? { requests } : { requests, tokens };
}

const ignore = (): void => undefined;

const unlimited: Reservation = { allowed: true, retryAfterMs: 0, settle: ignore };
