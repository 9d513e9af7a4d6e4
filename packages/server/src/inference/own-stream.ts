import type { AgentContext, AppParts } from '../app-parts.ts';
import type { StreamOwner } from '../sse/event-stream.ts';

/** Holds nothing ahead of the reader: events are made as they are read. */
export const noReadAhead = { highWaterMark: 0 };

/** What a stream must know of its request. */
export function ownStream(c: AgentContext, parts: AppParts): StreamOwner {
  const reservation = c.get('reservation');
  const requestId = c.get('requestId');
  return {
    settle: (usedTokens) => reservation.settle(usedTokens),
    estimatedTokens: c.get('estimatedTokens'),
    report: (error) => parts.reportError(error, requestId),
  };
}
