import { EmulatedError } from '../error-table.ts';
import { type ChatInputs, isMapping } from '../validate-inputs.ts';
import type { Answers, ChatPiece, TokenUsage } from './answers.ts';
import { readEvents } from './read-events.ts';

export interface ScarmonitServer {
  /** Such as `http://127.0.0.1:8787`. */
  readonly url: string;
  readonly key: string;
  /** The longest answer of a chat, for models that are slow here; what asks for more gets this. Absent: as asked for. */
  readonly mostTokens?: number;
  /** Told of each answer that was cut for it. */
  onCut?(): void;
}

/**
 * Answers by a Scarmonit server's own models, over its public API: whatever its one model of each task says. Vectors have
 * the length that its embedding model has; they are not padded to look like another's.
 */
export function createScarmonitAnswers({ url, key, mostTokens, onCut }: ScarmonitServer): Answers {
  const post = async (path: string, body: unknown, signal: AbortSignal): Promise<Response> => {
    const response = await fetch(new URL(path, url), {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal,
    });
    if (response.ok) return response;
    throw translate(response.status, await response.text());
  };
  return {
    async *chat(inputs, signal) {
      const maxTokens = Math.min(inputs.maxTokens, mostTokens ?? inputs.maxTokens);
      const response = await post('/api/infer?task=chat', toChatBody(inputs, maxTokens), signal);
      if (response.body === null) throw new EmulatedError(3040);
      for await (const piece of readChat(response.body)) {
        if (piece.type === 'end' && piece.reason === 'length' && maxTokens < inputs.maxTokens) onCut?.();
        yield piece;
      }
    },
    embed: async (texts, signal) => {
      const { data } = await readJson(await post('/api/infer?task=embedding', { input: texts }, signal));
      return listOf(data).map(({ embedding }) => (Array.isArray(embedding) ? embedding.map(Number) : []));
    },
    classify: async (text, signal) => {
      const { data } = await readJson(await post('/api/infer?task=classification', { input: text }, signal));
      return listOf(listOf(data)[0]?.['labels']).map(({ label, score }) => ({
        label: /^neg/i.test(String(label)) ? 'NEGATIVE' : 'POSITIVE',
        score: Number(score),
      }));
    },
  };
}

function toChatBody(
  { all, messages, prompt, tools, responseFormat }: ChatInputs,
  maxTokens: number,
): Record<string, unknown> {
  const { prompt: _prompt, raw: _raw, options: _options, ...rest } = all;
  const schema = responseFormat?.['json_schema'];
  return {
    ...rest,
    messages: prompt === undefined ? messages : [{ role: 'user', content: prompt }],
    max_tokens: maxTokens,
    temperature: all['temperature'] ?? 0.6,
    stream: true,
    stream_options: { include_usage: true },
    ...(tools.length === 0 ? {} : { tools: tools.map((tool) => ({ type: 'function', function: tool })) }),
    ...(schema === undefined
      ? {}
      : { response_format: { type: 'json_schema', json_schema: { name: 'answer', schema } } }),
  };
}

async function* readChat(body: ReadableStream<Uint8Array>): AsyncIterable<ChatPiece> {
  const calls: { id: string; name: string; argumentsJson: string }[] = [];
  let reason: 'stop' | 'length' | 'tool_calls' = 'stop';
  let usage: TokenUsage = { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 };
  for await (const chunk of readEvents(body)) {
    if (isMapping(chunk['error'])) throw new EmulatedError(3040, String(chunk['error']['message']));
    if (isMapping(chunk['usage'])) usage = toUsage(chunk['usage']);
    const [choice] = listOf(chunk['choices']);
    const said = choice?.['finish_reason'];
    if (said === 'length' || said === 'tool_calls') reason = said;
    const delta = isMapping(choice?.['delta']) ? choice['delta'] : {};
    if (typeof delta['content'] === 'string' && delta['content'] !== '') yield { type: 'text', text: delta['content'] };
    for (const { index, id, function: called } of listOf(delta['tool_calls'])) {
      calls[Number(index)] ??= { id: '', name: '', argumentsJson: '' };
      const call = calls[Number(index)];
      if (call === undefined) continue;
      const { name, arguments: more } = isMapping(called) ? called : {};
      if (typeof id === 'string') call.id = id;
      if (typeof name === 'string') call.name = name;
      if (typeof more === 'string') call.argumentsJson += more;
    }
  }
  for (const call of calls) yield { type: 'tool-call', ...call };
  yield { type: 'end', reason, usage };
}

function toUsage({ prompt_tokens, completion_tokens, total_tokens }: Readonly<Record<string, unknown>>): TokenUsage {
  return {
    prompt_tokens: Number(prompt_tokens),
    completion_tokens: Number(completion_tokens),
    total_tokens: Number(total_tokens),
  };
}

/** What the server refuses becomes the nearest row of the platform's table. */
function translate(status: number, text: string): EmulatedError {
  const message = /"message"\s*:\s*"((?:[^"\\]|\\.)*)"/.exec(text)?.[1];
  if (status === 413) return new EmulatedError(3006);
  if (status === 429 || status === 503) return new EmulatedError(3040);
  if (status === 504 || status === 408) return new EmulatedError(3007);
  if (status === 401 || status === 403) {
    return new EmulatedError(3023, 'The emulator may not ask its Scarmonit server. Check SCARMONIT_API_KEY.');
  }
  return new EmulatedError(5006, message ?? `The Scarmonit server answered with status ${status}.`);
}

async function readJson(response: Response): Promise<Readonly<Record<string, unknown>>> {
  const body: unknown = await response.json();
  return isMapping(body) ? body : {};
}

function listOf(value: unknown): Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.filter(isMapping) : [];
}
