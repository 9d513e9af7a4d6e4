import type { GenerateRequest, WireRequest } from '@scarmonit/core/ports/model-runtime';
import { defined, toWireChoice, toWireMessage, toWireTool } from '@scarmonit/core/upstream/wire-chat';

/**
 * A generation as a streamed request of OpenAI's API: `chat/completions` for a conversation, `completions` for a text to
 * continue. Only what is asked for is sent, since upstreams differ in what they take.
 */
export function toWireRequest(request: GenerateRequest, publicModel: string): WireRequest {
  const { input } = request;
  const common = {
    model: publicModel,
    stream: true,
    stream_options: { include_usage: true },
    max_tokens: request.maxTokens,
    ...(request.stop.length === 0 ? {} : { stop: request.stop }),
    ...defined({
      temperature: request.temperature,
      top_p: request.topP,
      top_k: request.topK,
      seed: request.seed,
      frequency_penalty: request.frequencyPenalty,
      presence_penalty: request.presencePenalty,
      logit_bias: request.logitBias,
    }),
    ...responseFormat(request.format),
  };
  if (input.kind !== 'messages') {
    const prompt = input.kind === 'text' ? input.text : input.tokens;
    return {
      endpoint: 'completions',
      publicModel,
      body: { ...common, prompt, ...defined({ logprobs: request.topLogprobs }) },
    };
  }
  const logprobs = request.topLogprobs === undefined ? {} : { logprobs: true, top_logprobs: request.topLogprobs };
  return {
    endpoint: 'chat/completions',
    publicModel,
    body: { ...common, messages: input.messages.map(toWireMessage), ...tools(request), ...logprobs },
  };
}

function tools(request: GenerateRequest): Record<string, unknown> {
  if (request.tools.length === 0) return {};
  return {
    tools: request.tools.map(toWireTool),
    tool_choice: toWireChoice(request.toolChoice),
    ...defined({ parallel_tool_calls: request.parallelToolCalls }),
  };
}

function responseFormat(format: GenerateRequest['format']): Record<string, unknown> {
  if (format.type === 'text') return {};
  if (format.type === 'json_object') return { response_format: { type: 'json_object' } };
  return {
    response_format: { type: 'json_schema', json_schema: { name: 'answer', strict: true, schema: format.schema } },
  };
}
