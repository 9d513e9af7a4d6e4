import type { FinishReason, GenerateEvent, TokenLogprob } from '@scarmonit/core/ports/model-runtime';
import { isMapping, parseObject } from '@scarmonit/core/upstream/parse-object';

/** What one chunk of a streamed completion says of its first choice. */
export interface ReadChunk {
  readonly events: readonly GenerateEvent[];
  readonly reason: FinishReason | undefined;
}

/** Reads a chunk of `chat/completions` or `completions`. What it does not know is passed over. */
export function readChunk(text: string): ReadChunk {
  const choices = parseObject(text)?.choices;
  const choice: unknown = Array.isArray(choices) ? choices[0] : undefined;
  if (!isMapping(choice)) return { events: [], reason: undefined };
  const delta = isMapping(choice.delta) ? choice.delta : {};
  const written = delta.content ?? choice.text;
  const logprobs = readLogprobs(choice.logprobs);
  const events: GenerateEvent[] = [];
  if (typeof written === 'string' && (written !== '' || logprobs.length > 0)) {
    events.push({ type: 'text', text: written, ...(logprobs.length === 0 ? {} : { logprobs }) });
  }
  if (Array.isArray(delta.tool_calls)) events.push(...delta.tool_calls.map(readToolCall));
  return { events, reason: readReason(choice.finish_reason) };
}

function readToolCall(call: unknown, place: number): GenerateEvent {
  const { index = place, id, function: called } = isMapping(call) ? call : {};
  const { name, arguments: argumentsDelta } = isMapping(called) ? called : {};
  return {
    type: 'tool-call',
    index: Number(index),
    ...(typeof id === 'string' && id !== '' ? { id } : {}),
    ...(typeof name === 'string' && name !== '' ? { name } : {}),
    argumentsDelta: typeof argumentsDelta === 'string' ? argumentsDelta : '',
  };
}

const reasons: Readonly<Record<string, FinishReason>> = {
  stop: 'stop',
  length: 'length',
  tool_calls: 'tool_calls',
  function_call: 'tool_calls',
  content_filter: 'content_filter',
};

function readReason(reason: unknown): FinishReason | undefined {
  return typeof reason === 'string' ? (reasons[reason] ?? 'stop') : undefined;
}

/** `{content: [{token, logprob, bytes, top_logprobs}]}` of chats, `{tokens, token_logprobs, top_logprobs}` of completions. */
function readLogprobs(logprobs: unknown): readonly TokenLogprob[] {
  if (!isMapping(logprobs)) return [];
  if (Array.isArray(logprobs.content)) {
    return logprobs.content.filter(isMapping).map((entry) => ({
      ...readToken(entry),
      top: Array.isArray(entry.top_logprobs) ? entry.top_logprobs.filter(isMapping).map(readToken) : [],
    }));
  }
  const { tokens, token_logprobs: values, top_logprobs: tops } = logprobs;
  if (!Array.isArray(tokens)) return [];
  return tokens.map((token: unknown, at) => {
    const top: unknown = Array.isArray(tops) ? tops[at] : undefined;
    return {
      ...readToken({ token, logprob: Array.isArray(values) ? values[at] : undefined }),
      top: isMapping(top) ? Object.entries(top).map(([name, logprob]) => readToken({ token: name, logprob })) : [],
    };
  });
}

function readToken({ token, logprob, bytes }: Readonly<Record<string, unknown>>) {
  const text = String(token);
  return {
    token: text,
    // JSON has no minus infinity; OpenAI writes -9999 for it.
    logprob: typeof logprob === 'number' ? logprob : -9_999,
    bytes: Array.isArray(bytes) ? bytes.map(Number) : [...new TextEncoder().encode(text)],
  };
}
