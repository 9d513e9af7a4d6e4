import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import type { GenerateRequest, ToolDefinition } from '@scarmonit/core/ports/model-runtime';
import { GbnfRules, literal } from './grammar/gbnf-rules.ts';
import { compileJsonSchema } from './grammar/json-schema-grammar.ts';
import { anyObject } from './grammar/json-values.ts';
import { describeTools } from './tool-calls/describe-tools.ts';
import { ToolCallDetector } from './tool-calls/detect-tool-calls.ts';
import { compileToolCall, ForcedToolCallReader } from './tool-calls/forced-tool-call.ts';
import type { ToolCallReader } from './tool-calls/tool-call-reader.ts';
import type { ToolCallStyle } from './tool-calls/tool-call-style.ts';

/** How the tools and the output format of a request shape its prompt and its answer. */
export interface AnswerPlan {
  /** Tools that the chat template shows. */
  readonly templateTools: readonly ToolDefinition[];
  /** System text that describes the tools where the template cannot. */
  readonly guidance: string | undefined;
  /** What the answer begins with, put at the end of the prompt. */
  readonly opening: string;
  /** GBNF that the answer is held to. */
  readonly grammar: string | undefined;
  readonly reader: ToolCallReader | undefined;
}

/**
 * Decides how a request's tools, tool choice and output format are carried out.
 * @throws ScarmonitError `unsupported` for schemas that a grammar cannot enforce, `invalid_request` for a tool choice
 *   without its tool
 */
export function planAnswer(
  request: Pick<GenerateRequest, 'tools' | 'toolChoice' | 'parallelToolCalls' | 'format'>,
  style: ToolCallStyle,
  templateSupportsTools: boolean,
): AnswerPlan {
  const { toolChoice, format } = request;
  const tools = toolChoice === 'none' ? [] : request.tools;
  const shown = {
    templateTools: templateSupportsTools ? tools : [],
    guidance: templateSupportsTools || tools.length === 0 ? undefined : describeTools(tools),
  };
  const isForced = toolChoice === 'required' || typeof toolChoice === 'object';
  if (isForced) {
    const rules = new GbnfRules();
    const grammar = rules.write(compileToolCall(chosenTools(tools, toolChoice), style, rules));
    return { ...shown, opening: style.opening, grammar, reader: new ForcedToolCallReader() };
  }
  const reader =
    tools.length === 0
      ? undefined
      : new ToolCallDetector(
          style,
          tools.map((tool) => tool.name),
          request.parallelToolCalls === false ? 1 : Number.POSITIVE_INFINITY,
        );
  return { ...shown, opening: '', grammar: formatGrammar(format, tools, style), reader };
}

function chosenTools(
  tools: readonly ToolDefinition[],
  choice: GenerateRequest['toolChoice'],
): readonly { readonly tool: ToolDefinition; readonly path: string }[] {
  const named = tools.map((tool, index) => ({ tool, path: `tools[${index}]` }));
  const chosen = typeof choice === 'object' ? named.filter(({ tool }) => tool.name === choice.name) : named;
  if (chosen.length > 0) return chosen;
  const message =
    typeof choice === 'object'
      ? `tool_choice names ${JSON.stringify(choice.name)}, which is not among the tools.`
      : 'tool_choice needs tools to choose from.';
  throw new ScarmonitError('invalid_request', message, { param: 'tool_choice' });
}

/** The grammar of a JSON answer. Where tools are offered as well, a call in the model's style is another way out. */
function formatGrammar(
  format: GenerateRequest['format'],
  tools: readonly ToolDefinition[],
  style: ToolCallStyle,
): string | undefined {
  if (format.type === 'text') return undefined;
  const rules = new GbnfRules();
  const answer =
    format.type === 'json_object'
      ? anyObject(rules)
      : compileJsonSchema(format.schema, 'response_format.json_schema.schema', rules);
  if (tools.length === 0) return rules.write(answer);
  const call = compileToolCall(
    tools.map((tool, index) => ({ tool, path: `tools[${index}]` })),
    style,
    rules,
  );
  const opening = style.opening === '' ? '' : literal(style.opening);
  const closing = style.name === 'mistral' ? '"]"' : style.closing === '' ? '' : literal(`\n${style.closing}`);
  return rules.write(`(${answer}) | ${opening} (${call}) ${closing}`);
}
