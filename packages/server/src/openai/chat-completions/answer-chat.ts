import type { ServingVersion } from '@scarmonit/core/services/agent-services';
import type { ChatRequest } from '@scarmonit/protocol/openai/chat-completion-request';
import type { AppParts, CallContext } from '../../app-parts.ts';
import { type Answer, answerServed } from '../../http/answer.ts';
import { toSeconds } from '../../http/to-seconds.ts';
import { answerForwarded } from '../../inference/answer-forwarded.ts';
import { collectGeneration, totalTokens } from '../../inference/collect-generation.ts';
import { type CallTarget, openCall } from '../../inference/open-call.ts';
import { streamGeneration } from '../../inference/stream-generation.ts';
import { buildChatCompletion } from './build-chat-completion.ts';
import { ChatStreamEncoder } from './chat-stream-encoder.ts';
import { toGenerateRequest } from './to-generate-request.ts';

/** Answers a chat request, whole or streamed. `/v1/chat/completions`, `/api/chat` and `/api/infer` share it. */
export function answerChat(c: CallContext, parts: AppParts, target: CallTarget, body: ChatRequest): Promise<Answer> {
  return parts.services.inference.serve(openCall(c, target, body), 'chat', (version) =>
    version.canForward
      ? answerForwarded(c, parts, version, { endpoint: 'chat/completions', body, text: c.get('body') })
      : answerGenerated(c, parts, version, body),
  );
}

/** Only here is refused what engines on this machine cannot do: an upstream may. */
async function answerGenerated(
  c: CallContext,
  parts: AppParts,
  version: ServingVersion,
  body: ChatRequest,
): Promise<Answer> {
  const { servedBy } = version;
  const request = toGenerateRequest(body);
  const identity = { id: `chatcmpl-${parts.newId()}`, created: toSeconds(parts.clock.now()), servedBy };
  if (body.stream === true) {
    const includeUsage = body.stream_options?.include_usage === true;
    const mayCallTools = request.toolChoice !== 'none';
    const encoder = new ChatStreamEncoder(identity, includeUsage, mayCallTools);
    return streamGeneration(c, parts, version, request, encoder);
  }
  const generation = await collectGeneration(await version.generate(request), c.get('progress'));
  c.get('reservation').settle(totalTokens(generation.usage));
  const wantsLogprobs = request.topLogprobs !== undefined;
  return answerServed(c, parts, servedBy, buildChatCompletion(identity, generation, wantsLogprobs));
}
