import { describe, expect, it } from 'vitest';
import type { GenerateEvent, GenerateRequest, WireEndpoint } from '../ports/model-runtime.ts';
import { readAnswer } from './read-answer.ts';
import { readWireAnswer } from './read-wire-answer.ts';

const usage = { inputTokens: 1, outputTokens: 1 };
const request: GenerateRequest = {
  input: { kind: 'text', text: 'hi' },
  maxTokens: 8,
  stop: [],
  format: { type: 'text' },
  tools: [],
  toolChoice: 'none',
};
const input = { kind: 'texts', texts: ['a', 'b'] } as const;
const readWire = (endpoint: WireEndpoint, ...parts: object[]) =>
  readWireAnswer(
    endpoint,
    parts.map((part) => JSON.stringify(part)),
  );

describe('readAnswer', () => {
  it('takes the likeliest label of each input', () => {
    const results = [
      [
        { label: 'good', score: 0.9 },
        { label: 'bad', score: 0.1 },
      ],
      [{ label: 'bad', score: 1 }],
    ];
    expect(readAnswer({ kind: 'classify', request: { input }, answer: { results, inputTokens: 2 } })).toEqual({
      kind: 'labels',
      labels: ['good', 'bad'],
    });
  });

  it('joins the text of events, and tells calls of tools, which are answers too', () => {
    const answer: readonly GenerateEvent[] = [
      { type: 'text', text: 'hel' },
      { type: 'text', text: 'lo' },
      { type: 'tool-call', index: 0, id: 'random', name: 'look', argumentsDelta: '{"a"' },
      { type: 'tool-call', index: 1, id: 'random', name: 'go', argumentsDelta: '{}' },
      { type: 'tool-call', index: 0, argumentsDelta: ':1}' },
      { type: 'finish', reason: 'tool_calls', usage },
    ];
    expect(readAnswer({ kind: 'generate', request, answer })).toEqual({
      kind: 'text',
      text: 'hello\nlook {"a":1}\ngo {}',
    });
  });
});

describe('readWireAnswer', () => {
  const call = { id: 'random', type: 'function', function: { name: 'look', arguments: '{"a":1}' } };

  it('reads a chat whole or in chunks, the first choice alone, to the same text', () => {
    const whole = readWire('chat/completions', {
      choices: [
        { index: 0, message: { role: 'assistant', content: 'hello', tool_calls: [call] } },
        { index: 1, message: { content: 'other' } },
      ],
    });
    const chunks = readWire(
      'chat/completions',
      { choices: [{ index: 0, delta: { role: 'assistant', content: '' } }] },
      { choices: [{ index: 1, delta: { content: 'other' } }] },
      { choices: [{ index: 0, delta: { content: 'hel' } }] },
      { choices: [{ index: 0, delta: { content: 'lo' } }] },
      { choices: [{ index: 0, delta: { tool_calls: [{ ...call, index: 0 }] } }] },
      { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] },
      { choices: [], usage: {} },
    );
    expect(whole).toEqual({ kind: 'text', text: 'hello\nlook {"a":1}' });
    expect(chunks).toEqual(whole);
  });

  it('reads completions', () => {
    expect(readWire('completions', { choices: [{ index: 0, text: 'a' }] }, { choices: [{ text: 'b' }] })).toEqual({
      kind: 'text',
      text: 'ab',
    });
  });

  it('reads vectors as numbers and as base64', () => {
    const floats = Float32Array.from([0.5, -2]);
    const base64 = Buffer.from(floats.buffer).toString('base64');
    expect(readWire('embeddings', { data: [{ embedding: [0.5, -2] }, { embedding: base64 }] })).toEqual({
      kind: 'vectors',
      vectors: [[0.5, -2], floats],
    });
  });

  it.each([
    ['chat/completions', 'no json'],
    ['chat/completions', '{}'],
    ['chat/completions', 'null'],
    ['embeddings', '{}'],
    ['embeddings', '{"data":[{"embedding":["1"]}]}'],
    ['embeddings', '{"data":[{"embedding":"no base64"}]}'],
  ] as const)('cannot read as an answer of %s: %s', (endpoint, text) => {
    expect(readWireAnswer(endpoint, [text])).toBeUndefined();
  });
});
