import type { ToolDefinition } from '@scarmonit/core/ports/model-runtime';
import { type GbnfRules, literal, oneOf } from '../grammar/gbnf-rules.ts';
import { compileJsonSchema } from '../grammar/json-schema-grammar.ts';
import { JsonEndFinder } from './json-end-finder.ts';
import type { ReaderOutput, ToolCallReader } from './tool-call-reader.ts';
import type { ToolCallStyle } from './tool-call-style.ts';

/**
 * The body of a rule that matches one JSON call of one of the tools, with arguments that its schema allows.
 * @throws ScarmonitError `unsupported` for a schema that cannot be enforced
 */
export function compileToolCall(
  tools: readonly { readonly tool: ToolDefinition; readonly path: string }[],
  style: ToolCallStyle,
  rules: GbnfRules,
): string {
  return oneOf(
    tools.map(({ tool, path }) => {
      const head = literal(`{"name": ${JSON.stringify(tool.name)}, "${style.argumentsKey}": `);
      return `${head} ${compileArguments(tool, path, rules)} "}"`;
    }),
  );
}

/** Without a schema a tool takes no arguments, as OpenAI has it. */
function compileArguments(tool: ToolDefinition, path: string, rules: GbnfRules): string {
  const { parameters } = tool;
  if (parameters === undefined || Object.keys(parameters).length === 0) return '"{}"';
  return compileJsonSchema({ type: 'object', ...parameters }, `${path}.function.parameters`, rules);
}

/** Reads an answer that a grammar holds to the form of {@link compileToolCall}; arguments flow as they come. */
export class ForcedToolCallReader implements ToolCallReader {
  isComplete = false;
  #held = '';
  #inArguments = false;
  readonly #finder = new JsonEndFinder();

  push(piece: string): readonly ReaderOutput[] {
    if (this.isComplete) return [];
    if (this.#inArguments) return this.#readArguments(piece);
    this.#held += piece;
    const head = /^\s*\{"name": ("(?:[^"\\]|\\.)*"), "(?:arguments|parameters)": (?=\{)/.exec(this.#held);
    if (head === null) return [];
    this.#inArguments = true;
    const name = String(JSON.parse(head[1] ?? '""'));
    return [{ type: 'call', name, argumentsDelta: '' }, ...this.#readArguments(this.#held.slice(head[0].length))];
  }

  flush(): readonly ReaderOutput[] {
    return [];
  }

  #readArguments(piece: string): readonly ReaderOutput[] {
    const end = this.#finder.push(piece);
    this.isComplete = end !== -1;
    return [{ type: 'arguments', argumentsDelta: end === -1 ? piece : piece.slice(0, end) }];
  }
}
