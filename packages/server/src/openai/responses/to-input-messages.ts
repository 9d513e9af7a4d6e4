import type { ChatMessage, ToolCall } from '@scarmonit/core/ports/model-runtime';
import type {
  ResponseContentPart,
  ResponseInputItem,
  ResponseRequest,
} from '@scarmonit/protocol/openai/response-request';
import { missing, unsupported } from '../../errors/request-errors.ts';

/**
 * The conversation that a response continues: instructions first, then the input. Function calls that stand together
 * become one assistant message, as chat templates know it.
 * @throws ScarmonitError that names the item and field that is missing or cannot be served
 */
export function toInputMessages({ instructions, input }: ResponseRequest): readonly ChatMessage[] {
  const messages: ChatMessage[] = instructions ? [{ role: 'system', content: instructions }] : [];
  if (typeof input === 'string') {
    messages.push({ role: 'user', content: input });
    return messages;
  }
  for (const [index, item] of input.entries()) {
    addItem(messages, item, `input[${index}]`);
  }
  return messages;
}

function addItem(messages: ChatMessage[], item: ResponseInputItem, at: string): void {
  switch (item.type ?? 'message') {
    case 'message':
      messages.push(toMessage(item, at));
      return;
    case 'function_call':
      addToolCall(messages, toToolCall(item, at));
      return;
    case 'function_call_output':
      messages.push(toToolMessage(item, at));
      return;
    case 'reasoning':
      // Earlier reasoning is an aid that models without it do not need.
      return;
    default:
      throw unsupported(
        `${at}.type`,
        'This server takes input items of the types message, function_call and function_call_output.',
      );
  }
}

function toMessage({ role, content }: ResponseInputItem, at: string): ChatMessage {
  if (role === undefined) {
    throw missing(`${at}.role`);
  }
  if (content === undefined || content === null) {
    throw missing(`${at}.content`);
  }
  return { role, content: joinParts(content, `${at}.content`) };
}

function toToolCall({ call_id, name, arguments: argumentsJson }: ResponseInputItem, at: string): ToolCall {
  if (call_id === undefined) {
    throw missing(`${at}.call_id`);
  }
  if (name === undefined) {
    throw missing(`${at}.name`);
  }
  return { id: call_id, name, arguments: argumentsJson ?? '{}' };
}

function addToolCall(messages: ChatMessage[], call: ToolCall): void {
  const last = messages.at(-1);
  if (last?.role === 'assistant') {
    messages[messages.length - 1] = { ...last, toolCalls: [...(last.toolCalls ?? []), call] };
  } else {
    messages.push({ role: 'assistant', content: '', toolCalls: [call] });
  }
}

function toToolMessage({ call_id, output }: ResponseInputItem, at: string): ChatMessage {
  if (call_id === undefined) {
    throw missing(`${at}.call_id`);
  }
  if (output === undefined) {
    throw missing(`${at}.output`);
  }
  return { role: 'tool', content: joinParts(output, `${at}.output`), toolCallId: call_id };
}

function joinParts(content: string | readonly ResponseContentPart[], at: string): string {
  if (typeof content === 'string') {
    return content;
  }
  let text = '';
  for (const [index, part] of content.entries()) {
    const piece = part.type === 'refusal' ? part.refusal : part.text;
    if (part.type !== 'input_text' && part.type !== 'output_text' && part.type !== 'refusal') {
      throw unsupported(
        `${at}[${index}].type`,
        `Content of type '${part.type.slice(0, 40)}' is not supported by this server. Send parts of type 'input_text'.`,
      );
    }
    if (piece === undefined) {
      throw missing(`${at}[${index}].${part.type === 'refusal' ? 'refusal' : 'text'}`);
    }
    text += piece;
  }
  return text;
}
