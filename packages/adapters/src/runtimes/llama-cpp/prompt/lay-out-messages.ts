import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import type { ChatMessage, ToolCall } from '@scarmonit/core/ports/model-runtime';
import type { ChatTemplate, TemplateMessage, TemplateToolCall } from './chat-template.ts';

type Abilities = Pick<ChatTemplate, 'supportsTools' | 'supportsSystem' | 'supportsDeveloper'>;

/**
 * Puts a conversation into the words that the model's template knows: `developer` becomes `system`, system texts are
 * joined at the beginning (or folded into the first user message where there is no such role), and calls of tools are
 * written out where the template has no place for them.
 * @param guidance further system text, such as the description of the tools
 * @throws ScarmonitError `invalid_request` when the conversation has a shape that no template could show
 */
export function layOutMessages(
  messages: readonly ChatMessage[],
  template: Abilities,
  guidance: string | undefined,
): readonly TemplateMessage[] {
  if (messages.length === 0) {
    throw new ScarmonitError('invalid_request', 'messages must hold at least one message.', { param: 'messages' });
  }
  const laidOut = messages.map((message, index) =>
    template.supportsTools ? withToolFields(message, index) : withToolTexts(message),
  );
  const named = laidOut.map((message) =>
    message.role === 'developer' && !template.supportsDeveloper ? { ...message, role: 'system' } : message,
  );
  const guided = guidance === undefined ? named : [{ role: 'system', content: guidance }, ...named];
  const joined = joinLeadingSystem(guided);
  return template.supportsSystem ? joined : foldSystem(joined);
}

function withToolFields(message: ChatMessage, index: number): TemplateMessage {
  return {
    role: message.role,
    content: message.content,
    ...(message.name === undefined ? {} : { name: message.name }),
    ...(message.toolCalls === undefined || message.toolCalls.length === 0
      ? {}
      : { tool_calls: message.toolCalls.map((call) => templateCall(call, index)) }),
    ...(message.toolCallId === undefined ? {} : { tool_call_id: shortId(message.toolCallId) }),
  };
}

function templateCall(call: ToolCall, index: number): TemplateToolCall {
  return {
    id: shortId(call.id),
    type: 'function',
    function: { name: call.name, arguments: parseArguments(call, index) },
  };
}

/** Mistral's templates insist on ids of nine letters and digits; the others show none. */
function shortId(id: string): string {
  return id
    .replace(/[^A-Za-z0-9]/g, '')
    .slice(-9)
    .padStart(9, '0');
}

function parseArguments(call: ToolCall, index: number): unknown {
  try {
    return JSON.parse(call.arguments === '' ? '{}' : call.arguments);
  } catch {
    throw new ScarmonitError('invalid_request', `The arguments of the call of ${call.name} are not valid JSON.`, {
      param: `messages[${index}].tool_calls`,
    });
  }
}

function withToolTexts(message: ChatMessage): TemplateMessage {
  if (message.role === 'tool') {
    return { role: 'user', content: `<tool_response>\n${message.content}\n</tool_response>` };
  }
  const calls = (message.toolCalls ?? []).map(
    (call) =>
      `<tool_call>\n{"name": ${JSON.stringify(call.name)}, "arguments": ${call.arguments || '{}'}}\n</tool_call>`,
  );
  return {
    role: message.role,
    content: [message.content, ...calls].filter((part) => part !== '').join('\n'),
    ...(message.name === undefined ? {} : { name: message.name }),
  };
}

function joinLeadingSystem(messages: readonly TemplateMessage[]): readonly TemplateMessage[] {
  const end = messages.findIndex((message) => message.role !== 'system');
  const count = end === -1 ? messages.length : end;
  if (count < 2) return messages;
  return [{ role: 'system', content: joinTexts(messages.slice(0, count)) }, ...messages.slice(count)];
}

function foldSystem(messages: readonly TemplateMessage[]): readonly TemplateMessage[] {
  const system = messages.filter((message) => message.role === 'system');
  if (system.length === 0) return messages;
  const others = messages.filter((message) => message.role !== 'system');
  const first = others.findIndex((message) => message.role === 'user');
  if (first === -1) return [{ role: 'user', content: joinTexts(system) }, ...others];
  return others.map((message, index) =>
    index === first ? { ...message, content: joinTexts([...system, message]) } : message,
  );
}

function joinTexts(messages: readonly TemplateMessage[]): string {
  return messages.map((message) => message.content).join('\n\n');
}
