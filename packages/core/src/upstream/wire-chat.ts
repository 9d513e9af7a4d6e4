import type { ChatMessage, ToolChoice, ToolDefinition } from '../ports/model-runtime.ts';

/** A message as OpenAI's chat API writes it. */
export function toWireMessage({ role, content, name, toolCalls, toolCallId }: ChatMessage): Record<string, unknown> {
  const calls = toolCalls?.map((call) => ({
    id: call.id,
    type: 'function',
    function: { name: call.name, arguments: call.arguments },
  }));
  return { role, content, ...defined({ name, tool_calls: calls, tool_call_id: toolCallId }) };
}

/** A tool as OpenAI's chat API writes it. */
export function toWireTool({ name, description, parameters }: ToolDefinition): Record<string, unknown> {
  return { type: 'function', function: { name, ...defined({ description, parameters }) } };
}

/** `tool_choice` as OpenAI's chat API writes it. */
export function toWireChoice(choice: ToolChoice): unknown {
  return typeof choice === 'string' ? choice : { type: 'function', function: { name: choice.name } };
}

/** Without the fields that are undefined, so that only what is asked for is sent. */
export function defined(record: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
}
