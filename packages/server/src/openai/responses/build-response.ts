import type { FinishReason, TokenLogprob, Usage } from '@scarmonit/core/ports/model-runtime';
import type {
  FunctionCallItem,
  OutputItem,
  OutputMessage,
  ResponseObject,
  ResponseUsage,
} from '@scarmonit/protocol/openai/response';
import type { ResponseRequest } from '@scarmonit/protocol/openai/response-request';
import type { Generation } from '../../inference/collect-generation.ts';
import { type AnswerIdentity, toWireLogprobs } from '../chat-completions/build-chat-completion.ts';

/** A response that has only begun; the later states are made from it. */
export function beginResponse({ id, created, servedBy }: AnswerIdentity, request: ResponseRequest): ResponseObject {
  return {
    id,
    object: 'response',
    created_at: created,
    completed_at: null,
    status: 'in_progress',
    background: false,
    error: null,
    incomplete_details: null,
    instructions: request.instructions ?? null,
    max_output_tokens: request.max_output_tokens ?? null,
    metadata: request.metadata ?? {},
    model: servedBy.model,
    output: [],
    parallel_tool_calls: request.parallel_tool_calls ?? true,
    previous_response_id: null,
    reasoning: { effort: null, summary: null },
    service_tier: 'default',
    store: false,
    temperature: request.temperature ?? null,
    text: { format: request.text?.format ?? { type: 'text' } },
    tool_choice: request.tool_choice ?? 'auto',
    tools: request.tools ?? [],
    top_logprobs: request.top_logprobs ?? 0,
    top_p: request.top_p ?? null,
    truncation: 'disabled',
    usage: null,
    user: request.user ?? null,
  };
}

/** The response after its last token. An answer that was cut off is `incomplete`. */
export function endResponse(
  begun: ResponseObject,
  output: OutputItem[],
  reason: FinishReason,
  usage: Usage,
  completedAt: number,
): ResponseObject {
  const cut = cutReason(reason);
  return {
    ...begun,
    status: cut === null ? 'completed' : 'incomplete',
    completed_at: cut === null ? completedAt : null,
    incomplete_details: cut === null ? null : { reason: cut },
    output,
    usage: toResponseUsage(usage),
  };
}

/** Whether an item that ends with the answer is whole. */
export function itemStatusAt(reason: FinishReason): 'completed' | 'incomplete' {
  return cutReason(reason) === null ? 'completed' : 'incomplete';
}

function cutReason(reason: FinishReason): 'max_output_tokens' | 'content_filter' | null {
  switch (reason) {
    case 'length':
      return 'max_output_tokens';
    case 'content_filter':
      return 'content_filter';
    case 'stop':
    case 'tool_calls':
      return null;
  }
}

function toResponseUsage({ inputTokens, outputTokens, cachedInputTokens }: Usage): ResponseUsage {
  return {
    input_tokens: inputTokens,
    input_tokens_details: { cached_tokens: cachedInputTokens ?? 0, cache_write_tokens: 0 },
    output_tokens: outputTokens,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: inputTokens + outputTokens,
  };
}

/** The items of a whole answer: its text, unless it only calls functions, then the calls. */
export function buildOutput(generation: Generation, newId: () => string): OutputItem[] {
  const status = itemStatusAt(generation.reason);
  const calls = generation.toolCalls.map((call) =>
    buildFunctionCall(`fc_${newId()}`, call.id, call.name, call.arguments, status),
  );
  if (generation.text === '' && calls.length > 0) {
    return calls;
  }
  return [buildMessage(`msg_${newId()}`, generation.text, generation.logprobs, status), ...calls];
}

export function buildMessage(
  id: string,
  text: string,
  logprobs: readonly TokenLogprob[],
  status: OutputMessage['status'],
): OutputMessage {
  return {
    id,
    type: 'message',
    status,
    role: 'assistant',
    content: [{ type: 'output_text', text, annotations: [], logprobs: toWireLogprobs(logprobs) }],
  };
}

export function buildFunctionCall(
  id: string,
  callId: string,
  name: string,
  argumentsJson: string,
  status: FunctionCallItem['status'],
): FunctionCallItem {
  return { id, type: 'function_call', status, call_id: callId, name, arguments: argumentsJson };
}
