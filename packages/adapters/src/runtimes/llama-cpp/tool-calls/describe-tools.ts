import type { ToolDefinition } from '@scarmonit/core/ports/model-runtime';

/** System text that teaches the tools to a model whose chat template has no place for them. */
export function describeTools(tools: readonly ToolDefinition[]): string {
  const lines = tools.map((tool) =>
    JSON.stringify({
      name: tool.name,
      ...(tool.description === undefined ? {} : { description: tool.description }),
      parameters: tool.parameters ?? { type: 'object', properties: {} },
    }),
  );
  return [
    'You may call these functions. Each line is one function with the JSON Schema of its arguments:',
    ...lines,
    'To call a function, answer with nothing but:',
    '<tool_call>',
    '{"name": "the function", "arguments": {"the argument": "its value"}}',
    '</tool_call>',
    'The result will come back in <tool_response>. If no function helps, answer in plain words.',
  ].join('\n');
}
