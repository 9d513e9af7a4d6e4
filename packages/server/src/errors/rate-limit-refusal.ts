import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import type { Reservation } from '@scarmonit/core/ports/rate-limiter';
import { formatDuration } from '../http/format-duration.ts';

/** A key's allowance is used up. Says which one, since OpenAI's error `type` is the name of what ran out. */
export class RateLimitRefusal extends ScarmonitError {
  readonly exhausted: 'requests' | 'tokens';

  constructor({ requests, tokens, retryAfterMs }: Reservation) {
    const exhausted = requests !== undefined && requests.remaining < 1 ? 'requests' : 'tokens';
    const allowance = exhausted === 'requests' ? requests : tokens;
    const limit = allowance === undefined ? '' : ` Limit: ${allowance.limit}, remaining: ${allowance.remaining}.`;
    super(
      'rate_limited',
      `Rate limit reached for this API key on ${exhausted} per minute.${limit} ` +
        `Please try again in ${formatDuration(retryAfterMs)}.`,
      { retryAfterMs },
    );
    this.exhausted = exhausted;
  }
}
