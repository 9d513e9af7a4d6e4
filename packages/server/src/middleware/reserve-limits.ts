import { createMiddleware } from 'hono/factory';
import type { AgentEnv, AppParts } from '../app-parts.ts';
import { RateLimitRefusal } from '../errors/rate-limit-refusal.ts';

/** English text has about four characters a token; the estimate only stands until the work is done. */
const charactersPerToken = 4;

/**
 * Takes the request and its estimated tokens from the key's allowance before the work.
 * Handlers settle it with what was really used; what failed before that used nothing.
 */
export const reserveLimits = (parts: AppParts) =>
  createMiddleware<AgentEnv>(async (c, next) => {
    const estimatedTokens = Math.ceil(c.get('body').length / charactersPerToken);
    const reservation = await parts.services.keys.reserve(c.get('key'), estimatedTokens);
    c.set('reservation', reservation);
    c.set('estimatedTokens', estimatedTokens);
    if (!reservation.allowed) {
      throw new RateLimitRefusal(reservation);
    }
    let failed = true;
    try {
      await next();
      failed = c.error !== undefined;
    } finally {
      if (failed) {
        reservation.settle(0);
      }
    }
  });
