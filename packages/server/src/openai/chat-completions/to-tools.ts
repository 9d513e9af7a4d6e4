import type { OutputFormat, ToolChoice, ToolDefinition } from '@scarmonit/core/ports/model-runtime';
import type { ChatCompletionRequest, ChatRequest } from '@scarmonit/protocol/openai/chat-completion-request';
import { invalidValue, missing, unsupported } from '../../errors/request-errors.ts';
import { dropNullish } from '../../http/drop-nullish.ts';
import { refuseDeepSchema } from '../../inference/refuse-deep-schema.ts';

export function toToolDefinitions(tools: ChatRequest['tools']): readonly ToolDefinition[] {
  return (tools ?? []).map((tool, index) => {
    if (tool.type !== 'function') {
      throw unsupported(`tools[${index}].type`, "Only tools of type 'function' are supported.");
    }
    if (tool.function === undefined) {
      throw missing(`tools[${index}].function`);
    }
    const { name, description, parameters } = tool.function;
    refuseDeepSchema(parameters, `tools[${index}].function.parameters`);
    return { name, ...dropNullish({ description, parameters }) };
  });
}

/** Without tools `none`, with tools `auto`, unless the request says. */
export function toToolChoice(choice: ChatRequest['tool_choice'], tools: readonly ToolDefinition[]): ToolChoice {
  if (choice === null || choice === undefined) {
    return tools.length === 0 ? 'none' : 'auto';
  }
  if (choice === 'none') {
    return 'none';
  }
  if (tools.length === 0) {
    throw invalidValue('tool_choice', "'tool_choice' is only allowed when 'tools' are specified.");
  }
  if (typeof choice === 'string') {
    return choice;
  }
  if (choice.type !== 'function') {
    throw unsupported(
      'tool_choice.type',
      "'tool_choice' must be 'none', 'auto', 'required', or an object of type 'function'.",
    );
  }
  if (choice.function === undefined) {
    throw missing('tool_choice.function');
  }
  return pickTool(choice.function.name, tools);
}

/** @throws ScarmonitError when no tool has the name */
export function pickTool(name: string, tools: readonly ToolDefinition[]): ToolChoice {
  if (!tools.some((tool) => tool.name === name)) {
    throw invalidValue('tool_choice', `Tool choice '${name.slice(0, 64)}' not found in the 'tools' parameter.`);
  }
  return { name };
}

export function toOutputFormat(format: ChatCompletionRequest['response_format']): OutputFormat {
  if (format?.type !== 'json_schema') {
    return { type: format?.type ?? 'text' };
  }
  const { schema } = format.json_schema;
  if (schema === undefined) {
    throw missing('response_format.json_schema.schema');
  }
  refuseDeepSchema(schema, 'response_format.json_schema.schema');
  return { type: 'json_schema', schema };
}
