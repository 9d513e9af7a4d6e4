import type { ChatRequest } from '@scarmonit/protocol/openai/chat-completion-request';
import type { AgentContext, AppParts } from '../../app-parts.ts';
import { answerServed } from '../../http/answer.ts';
import { toSeconds } from '../../http/to-seconds.ts';
import { collectGeneration, totalTokens } from '../../inference/collect-generation.ts';
import { type CallTarget, openCall } from '../../inference/open-call.ts';
import { streamGeneration } from '../../inference/stream-generation.ts';
import { buildChatCompletion } from './build-chat-completion.ts';
import { ChatStreamEncoder } from './chat-stream-encoder.ts';
import { toGenerateRequest } from './to-generate-request.ts';

/** Answers a chat request, whole or streamed. `/v1/chat/completions`, `/api/chat` and `/api/infer` share it. */
export async function answerChat(
  c: AgentContext,
  parts: AppParts,
  target: CallTarget,
  body: ChatRequest,
): Promise<Response> {
  const request = toGenerateRequest(body);
  const id = `chatcmpl-${parts.newId()}`;
  const created = toSeconds(parts.clock.now());
  if (body.stream === true) {
    const includeUsage = body.stream_options?.include_usage === true;
    const mayCallTools = request.toolChoice !== 'none';
    return streamGeneration(
      c,
      parts,
      target,
      request,
      (servedBy) => new ChatStreamEncoder({ id, created, servedBy }, includeUsage, mayCallTools),
    );
  }
  const { servedBy, events } = await parts.services.inference.generate(openCall(c, target, false), request);
  const generation = await collectGeneration(events);
  c.get('reservation').settle(totalTokens(generation.usage));
  const wantsLogprobs = request.topLogprobs !== undefined;
  return answerServed(c, parts, servedBy, buildChatCompletion({ id, created, servedBy }, generation, wantsLogprobs));
}
