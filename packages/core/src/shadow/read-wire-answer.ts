import type { WireEndpoint } from '../ports/model-runtime.ts';
import { decodeFloats } from './decode-floats.ts';
import type { PlainAnswer } from './plain-answer.ts';

type Fields = Readonly<Record<string, unknown>>;

/**
 * What an answer in OpenAI's wire format says: the vectors, or the text and the tool calls of its first choice.
 * @param texts the JSON of a whole answer, or of each chunk of a stream
 * @returns undefined when it is not of that format
 */
export function readWireAnswer(endpoint: WireEndpoint, texts: readonly string[]): PlainAnswer | undefined {
  try {
    const parts = texts.map((text) => fieldsOf(JSON.parse(text)));
    return endpoint === 'embeddings' ? readVectors(parts) : readText(parts);
  } catch {
    return undefined;
  }
}

function readVectors([whole]: readonly Fields[]): PlainAnswer | undefined {
  const vectors: ArrayLike<number>[] = [];
  for (const item of listOf(whole?.['data'])) {
    const { embedding } = fieldsOf(item);
    const vector = typeof embedding === 'string' ? decodeFloats(embedding) : numbersOf(embedding);
    if (vector === undefined) return undefined;
    vectors.push(vector);
  }
  return vectors.length === 0 ? undefined : { kind: 'vectors', vectors };
}

function readText(parts: readonly Fields[]): PlainAnswer | undefined {
  let text = '';
  let hasChoice = false;
  const calls = new Map<number, string>();
  for (const part of parts) {
    const choice = listOf(part['choices'])
      .map(fieldsOf)
      .find(({ index }) => (index ?? 0) === 0);
    if (choice === undefined) continue;
    hasChoice = true;
    const said = fieldsOf(choice['message'] ?? choice['delta'] ?? { content: choice['text'] });
    if (typeof said['content'] === 'string') text += said['content'];
    for (const [position, call] of listOf(said['tool_calls']).map(fieldsOf).entries()) {
      const index = typeof call['index'] === 'number' ? call['index'] : position;
      calls.set(index, (calls.get(index) ?? '') + textOfCall(fieldsOf(call['function'])));
    }
  }
  return hasChoice ? { kind: 'text', text: [text, ...calls.values()].join('\n') } : undefined;
}

function textOfCall({ name, arguments: given }: Fields): string {
  return (typeof name === 'string' && name !== '' ? `${name} ` : '') + (typeof given === 'string' ? given : '');
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function numbersOf(value: unknown): readonly number[] | undefined {
  const list = listOf(value);
  return list.length > 0 && list.every((item) => typeof item === 'number') ? (list as number[]) : undefined;
}
