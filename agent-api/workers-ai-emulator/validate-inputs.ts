import { EmulatedError } from './error-table.ts';

/** Inputs as the documented schemas have them, checked. */
export interface ChatInputs {
  readonly messages: readonly { readonly role: string; readonly content: string }[];
  readonly prompt: string | undefined;
  readonly stream: boolean;
  readonly maxTokens: number;
  readonly tools: readonly Readonly<Record<string, unknown>>[];
  readonly toolChoice: unknown;
  readonly responseFormat: Readonly<Record<string, unknown>> | undefined;
  /** What else was sent, for those who hand it on. */
  readonly all: Readonly<Record<string, unknown>>;
}

export interface EmbeddingInputs {
  readonly texts: readonly string[];
  readonly pooling: 'mean' | 'cls';
}

type Inputs = Readonly<Record<string, unknown>>;

/** What the platform's models write at the most where nobody says how much. */
export const usualMaxTokens = 256;
const longestText = 131_072;
const mostTexts = 100;

/** https://developers.cloudflare.com/workers-ai/models/llama-3-8b-instruct/ @throws EmulatedError 5006 */
export function readChatInputs(inputs: Inputs): ChatInputs {
  const { prompt, messages, tools, response_format: format } = inputs;
  if (prompt === undefined && messages === undefined)
    throw invalid("required properties at '/' are 'prompt' or 'messages'");
  if (prompt !== undefined) readText(prompt, '/prompt');
  checkNumbers(inputs);
  if (inputs['stream'] !== undefined && typeof inputs['stream'] !== 'boolean') throw wrongType('/stream', 'boolean');
  if (tools !== undefined && !Array.isArray(tools)) throw wrongType('/tools', 'array');
  if (format !== undefined && !isMapping(format)) throw wrongType('/response_format', 'object');
  return {
    messages: messages === undefined ? [] : readMessages(messages),
    prompt: typeof prompt === 'string' ? prompt : undefined,
    stream: inputs['stream'] === true,
    maxTokens: typeof inputs['max_tokens'] === 'number' ? inputs['max_tokens'] : usualMaxTokens,
    tools: (tools ?? []).map(readTool),
    toolChoice: inputs['tool_choice'],
    responseFormat: format,
    all: inputs,
  };
}

/** https://developers.cloudflare.com/workers-ai/models/bge-base-en-v1.5/ @throws EmulatedError 5006 */
export function readEmbeddingInputs({ text, pooling = 'mean' }: Inputs): EmbeddingInputs {
  if (pooling !== 'mean' && pooling !== 'cls') throw invalid("'/pooling' must be one of 'mean', 'cls'");
  if (!Array.isArray(text)) return { texts: [readText(text, '/text')], pooling };
  if (text.length > mostTexts) throw invalid(`'/text' must not have more than ${mostTexts} items`);
  return { texts: text.map((item: unknown, at) => readText(item, `/text/${at}`)), pooling };
}

/** https://developers.cloudflare.com/workers-ai/models/distilbert-sst-2-int8/ @throws EmulatedError 5006 */
export function readClassificationInputs({ text }: Inputs): string {
  return readText(text, '/text');
}

function readMessages(messages: unknown): ChatInputs['messages'] {
  if (!Array.isArray(messages)) throw wrongType('/messages', 'array');
  return messages.map((message: unknown, at) => {
    if (!isMapping(message)) throw wrongType(`/messages/${at}`, 'object');
    const { role, content } = message;
    if (typeof role !== 'string') throw wrongType(`/messages/${at}/role`, 'string');
    if (typeof content !== 'string') throw wrongType(`/messages/${at}/content`, 'string');
    if (content.length > longestText) throw invalid(`'/messages/${at}/content' must not be longer than ${longestText}`);
    return { ...message, role, content };
  });
}

/** Either form of a tool: `{name, description, parameters}`, or the same beneath `{type, function}`. */
function readTool(tool: unknown, at: number): Readonly<Record<string, unknown>> {
  if (!isMapping(tool)) throw wrongType(`/tools/${at}`, 'object');
  const described = isMapping(tool['function']) ? tool['function'] : tool;
  for (const key of ['name', 'description', 'parameters']) {
    if (described[key] === undefined)
      throw invalid(`required properties at '/tools/${at}' are 'name,description,parameters'`);
  }
  return described;
}

const numbers: Readonly<Record<string, { readonly least: number; readonly most: number; readonly isWhole?: boolean }>> =
  {
    max_tokens: { least: 0, most: Number.MAX_SAFE_INTEGER, isWhole: true },
    temperature: { least: 0, most: 5 },
    top_p: { least: 0, most: 2 },
    top_k: { least: 1, most: 50, isWhole: true },
    seed: { least: 1, most: 9_999_999_999, isWhole: true },
    repetition_penalty: { least: 0, most: 2 },
    frequency_penalty: { least: 0, most: 2 },
    presence_penalty: { least: 0, most: 2 },
  };

function checkNumbers(inputs: Inputs): void {
  for (const [key, { least, most, isWhole = false }] of Object.entries(numbers)) {
    const value = inputs[key];
    if (value === undefined) continue;
    if (typeof value !== 'number' || (isWhole && !Number.isInteger(value))) {
      throw wrongType(`/${key}`, isWhole ? 'integer' : 'number');
    }
    if (value < least) throw invalid(`'/${key}' must be >= ${least}`);
    if (value > most) throw invalid(`'/${key}' must be <= ${most}`);
  }
}

function readText(value: unknown, path: string): string {
  if (typeof value !== 'string') throw wrongType(path, 'string');
  if (value === '') throw invalid(`length of '${path}' must be >= 1`);
  if (value.length > longestText) throw invalid(`length of '${path}' must be <= ${longestText}`);
  return value;
}

function wrongType(path: string, type: string): EmulatedError {
  return invalid(`type mismatch of '${path}', must be '${type}'`);
}

function invalid(what: string): EmulatedError {
  return new EmulatedError(5006, `Error: oneOf at '/' not met, 0 matches: ${what}`);
}

export function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
