import { randomBytes } from 'node:crypto';
import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import type { ChatMessage, ToolDefinition } from '@scarmonit/core/ports/model-runtime';
import type { Token } from 'node-llama-cpp';
import type { Vocabulary } from '../vocabulary.ts';
import type { ChatTemplate } from './chat-template.ts';
import { ControlTextEscape } from './escape-control-text.ts';
import { layOutMessages } from './lay-out-messages.ts';

export interface PromptParts {
  readonly messages: readonly ChatMessage[];
  /** Tools that the template itself shows to the model. */
  readonly tools: readonly ToolDefinition[];
  /** Further system text. */
  readonly guidance: string | undefined;
  /** Text that the answer begins with, such as the opening of a forced tool call. */
  readonly opening: string;
}

/**
 * Turns a conversation into tokens with the model's own template.
 * @param controlPattern matches the vocabulary's control texts
 * @throws ScarmonitError `invalid_request` with the template's words when it refuses the conversation
 */
export function renderPrompt(
  parts: PromptParts,
  template: ChatTemplate,
  vocabulary: Vocabulary,
  controlPattern: RegExp | undefined,
): readonly Token[] {
  const guard = new ControlTextEscape(controlPattern, randomBytes(12).toString('hex'));
  const messages = layOutMessages(parts.messages, template, parts.guidance).map((message) => ({
    ...message,
    content: guard.protect(message.content),
    ...(message.name === undefined ? {} : { name: guard.protect(message.name) }),
    ...(message.tool_calls === undefined
      ? {}
      : {
          tool_calls: message.tool_calls.map((call) => ({
            ...call,
            function: {
              name: guard.protect(call.function.name),
              arguments: guard.protectDeep(call.function.arguments),
            },
          })),
        }),
  }));
  const tools = parts.tools.map((tool) => ({
    type: 'function',
    function: {
      name: guard.protect(tool.name),
      description: guard.protect(tool.description ?? ''),
      parameters: guard.protectDeep(tool.parameters ?? { type: 'object', properties: {} }),
    },
  }));
  let rendered: string;
  try {
    rendered = template.render(messages, tools.length === 0 ? undefined : tools) + parts.opening;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ScarmonitError('invalid_request', `The model's chat template refuses these messages: ${reason}`, {
      param: 'messages',
      cause: error,
    });
  }
  const tokens: Token[] = [];
  let afterPlain = false;
  for (const piece of guard.split(rendered)) {
    const added = piece.plain
      ? vocabulary.tokenizePlain(piece.text, tokens.length > 0)
      : vocabulary.tokenizeMarkup(piece.text, afterPlain);
    for (const token of added) tokens.push(token);
    afterPlain = piece.plain;
  }
  return withBos(tokens, vocabulary);
}

/** Puts the token that begins every text in front, unless it is there already or the model wants none. */
export function withBos(tokens: readonly Token[], vocabulary: Vocabulary): readonly Token[] {
  const { bos } = vocabulary;
  return bos === undefined || !vocabulary.prependsBos || tokens[0] === bos ? tokens : [bos, ...tokens];
}
