import { createHash } from 'node:crypto';
import { type ChatInputs, isMapping } from '../validate-inputs.ts';
import type { Answers, ChatPiece, TokenUsage } from './answers.ts';

/** Of `@cf/baai/bge-base-en-v1.5`. */
const dimensions = 768;

/**
 * Answers that are the same every time and need nothing: a chat repeats what it was told, a vector is made of the text's
 * hash, and a sentence with more bad words than good ones is negative.
 */
export const builtInAnswers: Answers = {
  async *chat(inputs, signal) {
    const asked = lastText(inputs);
    const promptTokens = countTokens(inputs.prompt ?? inputs.messages.map(({ content }) => content).join(' '));
    const [tool] = chooseTools(inputs);
    if (tool !== undefined) {
      const argumentsJson = JSON.stringify(fillSchema(tool['parameters'], asked));
      yield { type: 'tool-call', id: `call_${hashOf(asked).slice(0, 12)}`, name: String(tool['name']), argumentsJson };
      yield { type: 'end', reason: 'tool_calls', usage: toUsage(promptTokens, countTokens(argumentsJson)) };
      return;
    }
    yield* speak(answerOf(inputs, asked), promptTokens, inputs.maxTokens, signal);
  },
  embed: async (texts) => texts.map(toVector),
  classify: async (text) => {
    const share = shareOfGood(text);
    const positive = { label: 'POSITIVE', score: share } as const;
    const negative = { label: 'NEGATIVE', score: 1 - share } as const;
    // In the order of the model's labels, not of their scores, as the platform answers.
    return [negative, positive];
  },
};

async function* speak(text: string, promptTokens: number, most: number, signal: AbortSignal): AsyncIterable<ChatPiece> {
  const words = text.split(/(?<=\s)/);
  const said = words.slice(0, most);
  for (const word of said) {
    // Each word is a write of its own, as a model's tokens are.
    await new Promise(setImmediate);
    signal.throwIfAborted();
    yield { type: 'text', text: word };
  }
  const reason = said.length < words.length ? 'length' : 'stop';
  yield { type: 'end', reason, usage: toUsage(promptTokens, said.length) };
}

function lastText({ prompt, messages }: ChatInputs): string {
  return prompt ?? messages.at(-1)?.content ?? '';
}

function answerOf({ responseFormat }: ChatInputs, asked: string): string {
  if (responseFormat === undefined) return `You said: ${asked}`;
  const schema = responseFormat['type'] === 'json_schema' ? responseFormat['json_schema'] : {};
  return JSON.stringify(fillSchema(schema, asked));
}

/** A conversation that ends with a tool's result is answered in words. */
function chooseTools({ tools, messages, toolChoice }: ChatInputs): ChatInputs['tools'] {
  if (toolChoice === 'none' || messages.at(-1)?.role === 'tool') return [];
  const named = isMapping(toolChoice) && isMapping(toolChoice['function']) ? toolChoice['function']['name'] : undefined;
  return named === undefined ? tools : tools.filter(({ name }) => name === named);
}

/** A value that fits a simple JSON Schema; text is what was asked. */
function fillSchema(schema: unknown, text: string): unknown {
  if (!isMapping(schema)) return {};
  const { type, properties, items, enum: choices } = schema;
  if (Array.isArray(choices)) return choices[0];
  switch (type) {
    case 'string':
      return text;
    case 'number':
    case 'integer':
      return 1;
    case 'boolean':
      return true;
    case 'array':
      return [fillSchema(items, text)];
    default:
      return Object.fromEntries(
        Object.entries(isMapping(properties) ? properties : {}).map(([key, value]) => [key, fillSchema(value, text)]),
      );
  }
}

/** A unit vector from the SHA-256 of the text, its words mixed in, so that texts that share words are nearer. */
function toVector(text: string): number[] {
  const vector = new Array<number>(dimensions).fill(0);
  for (const word of text.toLowerCase().split(/\W+/).filter(Boolean).concat(text)) {
    const digest = createHash('sha256').update(word).digest();
    for (let at = 0; at < dimensions; at++) {
      const byte = digest[at % digest.length] ?? 0;
      vector[at] = (vector[at] ?? 0) + Math.sin(byte * (1 + Math.floor(at / digest.length)));
    }
  }
  const length = Math.hypot(...vector) || 1;
  return vector.map((value) => value / length);
}

const good = /\b(good|great|love|loved|excellent|happy|best|nice|wonderful|fantastic|like)\b/gi;
const bad = /\b(bad|terrible|hate|hated|awful|sad|worst|poor|horrible|broken|disappoint\w*)\b/gi;

function shareOfGood(text: string): number {
  const [goods, bads] = [text.match(good)?.length ?? 0, text.match(bad)?.length ?? 0];
  return (goods + 0.5) / (goods + bads + 1);
}

function toUsage(promptTokens: number, completionTokens: number): TokenUsage {
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
  };
}

/** The built-in answers count a word as a token. */
function countTokens(text: string): number {
  return text.split(/\s+/).filter(Boolean).length;
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
