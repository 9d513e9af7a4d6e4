import type { RateLimiter, Reservation } from '@scarmonit/core/ports/rate-limiter';
import type { RateLimiterObject } from './rate-limiter-object.ts';

export interface DurableObjectRateLimiterParts {
  readonly namespace: DurableObjectNamespace<RateLimiterObject>;
  /** Keeps the work of a request alive after its answer. */
  waitUntil(work: Promise<unknown>): void;
  /** Told when an allowance could not be asked for; the request then passes. Must not throw. */
  onError(error: unknown): void;
}

/**
 * Limits by key across all isolates: one durable object a key. A request costs one call to it, and its settling one
 * more after the answer; keys without limits cost nothing.
 */
export function createDurableObjectRateLimiter(parts: DurableObjectRateLimiterParts): RateLimiter {
  const { namespace, waitUntil, onError } = parts;
  return {
    async reserve(keyId, { requestsPerMinute, tokensPerMinute }, estimatedTokens) {
      if (requestsPerMinute === undefined && tokensPerMinute === undefined) return unlimited;
      const tokens = Math.max(0, estimatedTokens);
      const limits = {
        ...(requestsPerMinute === undefined ? {} : { requestsPerMinute }),
        ...(tokensPerMinute === undefined ? {} : { tokensPerMinute }),
      };
      const object = namespace.get(namespace.idFromName(keyId));
      try {
        const { slotId, ...figures } = await object.take(limits, tokens);
        if (slotId === undefined) return { allowed: false, ...figures, settle: ignore };
        let settled = false;
        return {
          allowed: true,
          ...figures,
          settle(usedTokens) {
            const correction = Math.max(0, usedTokens) - tokens;
            if (settled) return;
            settled = true;
            if (correction !== 0) waitUntil(object.correct(slotId, correction).catch(onError));
          },
        };
      } catch (error) {
        onError(error);
        return unlimited;
      }
    },
  };
}

const ignore = (): void => undefined;

const unlimited: Reservation = { allowed: true, retryAfterMs: 0, settle: ignore };
