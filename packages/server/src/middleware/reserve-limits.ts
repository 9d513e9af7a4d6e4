import { type ErrorKind, ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import type { AppParts, CallContext } from '../app-parts.ts';
import { RateLimitRefusal } from '../errors/rate-limit-refusal.ts';

/** English text has about four characters a token; the estimate only stands until the work is done. */
const charactersPerToken = 4;

/** Ends that say nothing of how much was done: whoever leaves, or asks for too much, must not work for free. */
const endsOfWork: ReadonlySet<ErrorKind> = new Set<ErrorKind>(['cancelled', 'timeout']);

/**
 * Takes the request and its estimated tokens from the key's allowance before the work.
 * Handlers settle it with what was really used. A request that fails after its work began has used the estimate and
 * the pieces that were made; one that was refused has used nothing.
 */
export async function reserveLimits<T>(c: CallContext, parts: AppParts, work: () => T | Promise<T>): Promise<T> {
  const estimatedTokens = Math.ceil(c.get('body').length / charactersPerToken);
  const reserved = parts.services.keys.reserve(c.get('key'), estimatedTokens);
  const reservation = reserved instanceof Promise ? await reserved : reserved;
  c.set('reservation', reservation);
  c.set('estimatedTokens', estimatedTokens);
  const progress = { pieces: 0 };
  c.set('progress', progress);
  if (!reservation.allowed) {
    throw new RateLimitRefusal(reservation);
  }
  try {
    return await work();
  } catch (error) {
    const worked = progress.pieces > 0 || (error instanceof ScarmonitError && endsOfWork.has(error.kind));
    reservation.settle(worked ? estimatedTokens + progress.pieces : 0);
    throw error;
  }
}
