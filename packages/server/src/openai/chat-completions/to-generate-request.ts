import type { GenerateRequest } from '@scarmonit/core/ports/model-runtime';
import type { ChatRequest } from '@scarmonit/protocol/openai/chat-completion-request';
import { invalidValue, unsupported } from '../../errors/request-errors.ts';
import { defaultMaxTokens, toSampling } from '../../inference/to-sampling.ts';
import { toChatMessages } from './to-chat-messages.ts';
import { toOutputFormat, toToolChoice, toToolDefinitions } from './to-tools.ts';

/** Fields of OpenAI's that would change the answer, so that ignoring them would be a lie. */
const refusedFields: readonly (readonly [name: string, instead: string])[] = [
  ['audio', 'This server answers in text.'],
  ['function_call', "Use 'tool_choice'."],
  ['functions', "Use 'tools'."],
  ['web_search_options', 'This server has no web search.'],
];

/**
 * Reads a chat request.
 * @throws ScarmonitError that names the field which is wrong or cannot be served
 */
export function toGenerateRequest(body: ChatRequest): GenerateRequest {
  for (const [name, instead] of refusedFields) {
    if (body[name] !== null && body[name] !== undefined) {
      throw unsupported(name, `'${name}' is not supported by this server. ${instead}`);
    }
  }
  if (body.modalities?.some((modality) => modality !== 'text') === true) {
    throw unsupported('modalities', "Only the modality 'text' is supported.");
  }
  const tools = toToolDefinitions(body.tools);
  return {
    ...toSampling(body),
    input: { kind: 'messages', messages: toChatMessages(body.messages) },
    maxTokens: body.max_completion_tokens ?? body.max_tokens ?? defaultMaxTokens,
    format: toOutputFormat(body.response_format),
    tools,
    toolChoice: toToolChoice(body.tool_choice, tools),
    ...(body.parallel_tool_calls === false ? { parallelToolCalls: false } : {}),
    ...toTopLogprobs(body),
  };
}

function toTopLogprobs({ logprobs, top_logprobs }: ChatRequest): Pick<GenerateRequest, 'topLogprobs'> {
  if (logprobs === true) {
    return { topLogprobs: top_logprobs ?? 0 };
  }
  if ((top_logprobs ?? 0) > 0) {
    throw invalidValue('top_logprobs', "'top_logprobs' is only allowed when 'logprobs' is true.");
  }
  return {};
}
