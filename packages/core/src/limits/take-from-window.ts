import type { Allowance, RateLimits } from '../ports/rate-limiter.ts';
import { type Slot, type UsageWindow, WINDOW_MS } from './usage-window.ts';

/** What became of asking for a piece of an allowance. */
export interface Taken {
  /** Where it was counted, for correcting it later; absent when it was refused. */
  readonly slot: Slot | undefined;
  readonly requests?: Allowance;
  readonly tokens?: Allowance;
  /** When refused: how long until the same request would pass; a minute when it alone is larger than a limit. */
  readonly retryAfterMs: number;
}

/** Takes one request and its tokens from a key's window, or nothing at all. @param now never goes back */
export function takeFromWindow(window: UsageWindow, limits: RateLimits, tokens: number, now: number): Taken {
  window.moveTo(now);
  const requestsLeft = (limits.requestsPerMinute ?? Number.POSITIVE_INFINITY) - 1;
  const tokensLeft = (limits.tokensPerMinute ?? Number.POSITIVE_INFINITY) - tokens;
  if (window.requests > requestsLeft || window.tokens > tokensLeft) {
    const fits = requestsLeft >= 0 && tokensLeft >= 0;
    const waitMs = fits ? window.waitUntil(now, requestsLeft, tokensLeft) : WINDOW_MS;
    return { slot: undefined, ...allowances(window, limits, now), retryAfterMs: Math.ceil(waitMs) };
  }
  const slot = window.add(now, tokens);
  return { slot, ...allowances(window, limits, now), retryAfterMs: 0 };
}

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
