import type { RateLimiter, Reservation } from '@scarmonit/core/ports/rate-limiter';
import type { Asking } from './contract.ts';
import type { PrimaryContract } from './http-process-contract.ts';

/**
 * The primary's limits: one question a request, so that they are exact however many processes ask at once. A key without
 * limits costs no question. Reservations of a process that dies count as they were estimated.
 */
export function createRemoteRateLimiter(primary: Pick<Asking<PrimaryContract>, 'call' | 'tell'>): RateLimiter {
  let lastId = 0;
  return {
    reserve(keyId, { requestsPerMinute, tokensPerMinute }, tokens) {
      if (requestsPerMinute === undefined && tokensPerMinute === undefined) return unlimited;
      lastId += 1;
      const reservationId = lastId;
      // Not the whole of what was handed in, which is a key with all that it has.
      const limits = {
        ...(requestsPerMinute === undefined ? {} : { requestsPerMinute }),
        ...(tokensPerMinute === undefined ? {} : { tokensPerMinute }),
      };
      return primary.call('reserve', { reservationId, keyId, limits, tokens }).then((reserved): Reservation => {
        if (!reserved.allowed) return { ...reserved, settle: () => undefined };
        let isSettled = false;
        const settle = (usedTokens: number): void => {
          if (isSettled) return;
          isSettled = true;
          primary.tell('settle', { reservationId, usedTokens });
        };
        return { ...reserved, settle };
      });
    },
  };
}

const unlimited: Reservation = { allowed: true, retryAfterMs: 0, settle: () => undefined };
