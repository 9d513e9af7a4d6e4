import type { GenerateRequest, OutputFormat, ToolChoice, ToolDefinition } from '@scarmonit/core/ports/model-runtime';
import type { ResponseRequest } from '@scarmonit/protocol/openai/response-request';
import { invalidValue, missing, unsupported } from '../../errors/request-errors.ts';
import { dropNullish } from '../../http/drop-nullish.ts';
import { refuseDeepSchema } from '../../inference/refuse-deep-schema.ts';
import { defaultMaxTokens } from '../../inference/to-sampling.ts';
import { pickTool } from '../chat-completions/to-tools.ts';
import { toInputMessages } from './to-input-messages.ts';

const logprobsInclude = 'message.output_text.logprobs';

/**
 * Reads a response request. The API is stateless: what refers to stored state is refused.
 * @throws ScarmonitError that names the field which is wrong or cannot be served
 */
export function toGenerateRequest(body: ResponseRequest): GenerateRequest {
  refuseState(body);
  // The answer repeats these, with whatever else they hold.
  for (const name of ['tools', 'tool_choice', 'text'] as const) {
    refuseDeepSchema(body[name], name);
  }
  const tools = toToolDefinitions(body.tools);
  return {
    input: { kind: 'messages', messages: toInputMessages(body) },
    maxTokens: body.max_output_tokens ?? defaultMaxTokens,
    stop: [],
    format: toOutputFormat(body.text?.format),
    tools,
    toolChoice: toToolChoice(body.tool_choice, tools),
    ...(body.parallel_tool_calls === false ? { parallelToolCalls: false } : {}),
    ...dropNullish({ temperature: body.temperature, topP: body.top_p }),
    ...toTopLogprobs(body),
  };
}

function refuseState(body: ResponseRequest): void {
  if (body.background === true) {
    throw unsupported('background', "Background responses are not supported: leave 'background' out, or stream.");
  }
  for (const name of ['previous_response_id', 'conversation'] as const) {
    if (body[name] !== null && body[name] !== undefined) {
      throw unsupported(
        name,
        `Responses are not stored, so '${name}' is not supported. Send the conversation as 'input'.`,
      );
    }
  }
  if (body.prompt !== null && body.prompt !== undefined) {
    throw unsupported('prompt', "Stored prompts are not supported. Send 'instructions' and 'input'.");
  }
  if (body.truncation === 'auto') {
    throw unsupported('truncation', "Only 'truncation' 'disabled' is supported: input that is too long is refused.");
  }
}

function toToolDefinitions(tools: ResponseRequest['tools']): readonly ToolDefinition[] {
  return (tools ?? []).map(({ type, name, description, parameters }, index) => {
    if (type !== 'function') {
      throw unsupported(`tools[${index}].type`, "Only tools of type 'function' are supported.");
    }
    if (name === undefined) {
      throw missing(`tools[${index}].name`);
    }
    return { name, ...dropNullish({ description, parameters }) };
  });
}

function toToolChoice(choice: ResponseRequest['tool_choice'], tools: readonly ToolDefinition[]): ToolChoice {
  if (choice === null || choice === undefined) {
    return tools.length === 0 ? 'none' : 'auto';
  }
  if (typeof choice === 'string') {
    if (choice === 'required' && tools.length === 0) {
      throw invalidValue('tool_choice', "Tool choice 'required' must be specified with 'tools' parameter.");
    }
    return tools.length === 0 ? 'none' : choice;
  }
  if (choice.type !== 'function') {
    throw unsupported(
      'tool_choice.type',
      "'tool_choice' must be 'none', 'auto', 'required', or an object of type 'function'.",
    );
  }
  if (choice.name === undefined) {
    throw missing('tool_choice.name');
  }
  return pickTool(choice.name, tools);
}

function toOutputFormat(format: NonNullable<ResponseRequest['text']>['format']): OutputFormat {
  if (format?.type === 'json_schema') {
    return { type: 'json_schema', schema: format.schema };
  }
  return { type: format?.type ?? 'text' };
}

function toTopLogprobs({ include, top_logprobs }: ResponseRequest): Pick<GenerateRequest, 'topLogprobs'> {
  const wanted = include?.includes(logprobsInclude) === true || (top_logprobs ?? 0) > 0;
  return wanted ? { topLogprobs: top_logprobs ?? 0 } : {};
}
