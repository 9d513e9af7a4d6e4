import type { AppParts, CallContext } from '../app-parts.ts';
import type { StreamOwner } from '../sse/event-stream.ts';

/** What a stream must know of its request. */
export function ownStream(c: CallContext, parts: AppParts): StreamOwner {
  const reservation = c.get('reservation');
  const requestId = c.get('requestId');
  return {
    settle: (usedTokens) => reservation.settle(usedTokens),
    estimatedTokens: c.get('estimatedTokens'),
    report: (error) => parts.reportError(error, requestId),
  };
}
