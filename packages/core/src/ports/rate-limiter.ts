/**
 * Limits by key over a sliding minute. Reserved before the work and settled after it, so that many requests at once
 * cannot pass on the same allowance.
 */
export interface RateLimiter {
  /**
   * Takes one request and `tokens` tokens (an estimate) from the allowance, or nothing at all.
   * Never waits and never fails for want of a store.
   */
  reserve(keyId: string, limits: RateLimits, tokens: number): Promise<Reservation> | Reservation;
}

/** An absent limit is no limit. */
export interface RateLimits {
  readonly requestsPerMinute?: number;
  readonly tokensPerMinute?: number;
}

export interface Reservation {
  readonly allowed: boolean;
  /** For the `x-ratelimit-*` headers; absent where there is no such limit. */
  readonly requests?: Allowance;
  readonly tokens?: Allowance;
  /** When refused: how long until the same request would pass; a minute when it alone is larger than a limit. */
  readonly retryAfterMs: number;
  /** Replaces the estimate by what was really used. Idempotent; a no-op for refused reservations. */
  settle(usedTokens: number): void;
}

export interface Allowance {
  readonly limit: number;
  readonly remaining: number;
  /** Until the allowance is whole again. */
  readonly resetMs: number;
}
