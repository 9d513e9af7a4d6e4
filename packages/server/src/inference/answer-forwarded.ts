import type { WireRequest } from '@scarmonit/core/ports/model-runtime';
import type { ServingVersion } from '@scarmonit/core/services/agent-services';
import type { AppParts, CallContext } from '../app-parts.ts';
import { type Answer, answerEvents, answerServedText } from '../http/answer.ts';
import { ForwardedStream } from '../sse/forwarded-stream.ts';
import { totalTokens } from './collect-generation.ts';
import { ownStream } from './own-stream.ts';

/**
 * Answers with what an upstream says, unparsed, whole or streamed. What fails before the first byte is thrown, and so
 * has a proper status or goes to a fallback.
 */
export async function answerForwarded(
  c: CallContext,
  parts: AppParts,
  version: ServingVersion,
  request: Omit<WireRequest, 'publicModel'>,
): Promise<Answer> {
  const { servedBy } = version;
  const answer = await version.forward(request);
  if (answer.kind === 'stream') {
    return answerEvents(c, parts, servedBy, new ForwardedStream(answer.chunks, ownStream(c, parts)));
  }
  c.get('reservation').settle(answer.usage === undefined ? c.get('estimatedTokens') : totalTokens(answer.usage));
  return answerServedText(c, parts, servedBy, answer.text);
}
