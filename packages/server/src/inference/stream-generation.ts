import type { GenerateRequest } from '@scarmonit/core/ports/model-runtime';
import type { ServingVersion } from '@scarmonit/core/services/agent-services';
import type { AppParts, CallContext } from '../app-parts.ts';
import { type Answer, answerEvents } from '../http/answer.ts';
import type { GenerateEncoder } from '../sse/generate-encoder.ts';
import { GenerationStream } from '../sse/generation-stream.ts';
import { ownStream } from './own-stream.ts';

/**
 * Starts a generation and streams it. What fails before the first event is thrown, and so has a proper status or goes to
 * a fallback; what fails later is told in the stream.
 */
export async function streamGeneration(
  c: CallContext,
  parts: AppParts,
  version: ServingVersion,
  request: GenerateRequest,
  encoder: GenerateEncoder,
): Promise<Answer> {
  const stream = new GenerationStream(await version.generate(request), encoder, ownStream(c, parts));
  return answerEvents(c, parts, version.servedBy, stream);
}
