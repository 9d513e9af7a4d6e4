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
    return taken(undefined, Math.ceil(waitMs), window, limits, now);
  }
  return taken(window.add(now, tokens), 0, window, limits, now);
}

function taken(
  slot: Slot | undefined,
  retryAfterMs: number,
  window: UsageWindow,
  { requestsPerMinute, tokensPerMinute }: RateLimits,
  now: number,
): Taken {
  const resetMs = Math.ceil(window.emptyIn(now));
  const left = (limit: number, used: number): Allowance => ({ limit, remaining: Math.max(0, limit - used), resetMs });
  // Without a spread for each that is there or not: this runs for every request.
  const result: { -readonly [Field in keyof Taken]: Taken[Field] } = { slot, retryAfterMs };
  if (requestsPerMinute !== undefined) result.requests = left(requestsPerMinute, window.requests);
  if (tokensPerMinute !== undefined) result.tokens = left(tokensPerMinute, window.tokens);
  return result;
}
