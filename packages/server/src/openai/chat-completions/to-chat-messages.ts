import type { ChatMessage, ToolCall } from '@scarmonit/core/ports/model-runtime';
import type { ChatMessageParam, ContentPart } from '@scarmonit/protocol/openai/chat-completion-request';
import { missing, unsupported } from '../../errors/request-errors.ts';
import { dropNullish } from '../../http/drop-nullish.ts';

/** @throws ScarmonitError that names the message and field that is missing or cannot be served */
export function toChatMessages(messages: readonly ChatMessageParam[]): readonly ChatMessage[] {
  return messages.map(toChatMessage);
}

function toChatMessage(message: ChatMessageParam, index: number): ChatMessage {
  const at = `messages[${index}]`;
  const { role } = message;
  const toolCalls = role === 'assistant' ? toToolCalls(message.tool_calls, at) : undefined;
  const content = message.content ?? undefined;
  if (content === undefined && toolCalls === undefined) {
    throw missing(`${at}.content`);
  }
  if (role === 'tool' && !message.tool_call_id) {
    throw missing(`${at}.tool_call_id`);
  }
  return {
    role,
    content: content === undefined ? '' : joinParts(content, `${at}.content`),
    ...dropNullish({
      name: message.name,
      toolCalls,
      toolCallId: role === 'tool' ? message.tool_call_id : undefined,
    }),
  };
}

function toToolCalls(calls: ChatMessageParam['tool_calls'], at: string): readonly ToolCall[] | undefined {
  if (calls === null || calls === undefined || calls.length === 0) {
    return undefined;
  }
  return calls.map((call, index) => {
    if (call.type !== 'function') {
      throw unsupported(`${at}.tool_calls[${index}].type`, "Only tool calls of type 'function' are supported.");
    }
    if (call.function === undefined) {
      throw missing(`${at}.tool_calls[${index}].function`);
    }
    return { id: call.id, name: call.function.name, arguments: call.function.arguments };
  });
}

function joinParts(content: string | readonly ContentPart[], at: string): string {
  if (typeof content === 'string') {
    return content;
  }
  let text = '';
  for (const [index, part] of content.entries()) {
    const kind = part.type === 'refusal' ? 'refusal' : 'text';
    if (part.type !== kind) {
      throw unsupported(
        `${at}[${index}].type`,
        `Content of type '${part.type.slice(0, 40)}' is not supported by this server. Send parts of type 'text'.`,
      );
    }
    const piece = part[kind];
    if (piece === undefined) {
      throw missing(`${at}[${index}].${kind}`);
    }
    text += piece;
  }
  return text;
}
