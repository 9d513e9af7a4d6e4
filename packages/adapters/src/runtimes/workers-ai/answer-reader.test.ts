import type { GenerateEvent, GenerateRequest } from '@scarmonit/core/ports/model-runtime';
import { describe, expect, it } from 'vitest';
import { AnswerReader } from './answer-reader.ts';

const request: GenerateRequest = {
  input: { kind: 'messages', messages: [{ role: 'user', content: 'Hi there' }] },
  maxTokens: 16,
  stop: [],
  format: { type: 'text' },
  tools: [],
  toolChoice: 'auto',
};

function createReader(changes: Partial<GenerateRequest> = {}): AnswerReader {
  let calls = 0;
  return new AnswerReader({
    request: { ...request, ...changes },
    newCallId: () => {
      calls += 1;
      return `call_${calls}`;
    },
    explain: ({ code, message }) => new Error(`${code}: ${message}`),
  });
}

/** Frames as they stand after `data: `. */
function read(frames: readonly string[], changes: Partial<GenerateRequest> = {}): GenerateEvent[] {
  const reader = createReader(changes);
  return [...frames.flatMap((frame) => reader.takeFrame(frame)), ...reader.finish()];
}

const usage = '"usage":{"prompt_tokens":21,"completion_tokens":3,"total_tokens":24}';
const finish = { type: 'finish', reason: 'stop', usage: { inputTokens: 21, outputTokens: 3 } };
const text = (written: string) => ({ type: 'text', text: written });

describe('a stream in the platform’s own format', () => {
  it('is text with padding, and usage at its end', () => {
    const frames = [
      '{"response":"Hel","p":"abdefgh"}',
      '{"response":"lo","p":"ab"}',
      `{"response":"","p":"a",${usage}}`,
    ];
    expect(read(frames)).toEqual([text('Hel'), text('lo'), finish]);
  });

  it('may write a token that is no string', () => {
    expect(read(['{"response":4}', '{"response":2}', '{"response":null}', `{"response":true,${usage}}`])).toEqual([
      text('4'),
      text('2'),
      text('true'),
      finish,
    ]);
  });

  it('may hold whole tool calls, which get ids', () => {
    const calls = '"tool_calls":[{"name":"f","arguments":{"a":1}},{"name":"g","arguments":{}}]';
    expect(read([`{"response":"",${calls},${usage}}`])).toEqual([
      { type: 'tool-call', index: 0, id: 'call_1', name: 'f', argumentsDelta: '{"a":1}' },
      { type: 'tool-call', index: 1, id: 'call_2', name: 'g', argumentsDelta: '{}' },
      { ...finish, reason: 'tool_calls' },
    ]);
  });

  it('has reached its length when it has as many tokens as it may', () => {
    expect(read([`{"response":"Hello",${usage}}`], { maxTokens: 3 }).at(-1)).toEqual({ ...finish, reason: 'length' });
  });

  it('has its usage estimated when it tells none', () => {
    expect(read(['{"response":"Hello"}']).at(-1)).toEqual({ ...finish, usage: { inputTokens: 2, outputTokens: 2 } });
  });
});

describe('a stream in OpenAI’s format', () => {
  const delta = (said: string, reason = 'null') =>
    `{"choices":[{"index":0,"delta":${said},"finish_reason":${reason}}]}`;

  it('is text, a reason, and usage at its end; reasoning is no part of the answer', () => {
    const frames = [
      delta('{"role":"assistant","content":""}'),
      delta('{"reasoning_content":"Hm."}'),
      delta('{"content":"Hi"}'),
      delta('{}', '"length"'),
      `{"choices":[],${usage}}`,
    ];
    expect(read(frames)).toEqual([text('Hi'), { ...finish, reason: 'length' }]);
  });

  it('may call tools in pieces, the last of which is nothing but nulls', () => {
    const frames = [
      '[{"id":"call_a","type":"function","index":0,"function":{"name":"get_weather","arguments":""}}]',
      '[{"index":0,"function":{"arguments":"{\\"city\\":"}}]',
      '[{"index":0,"function":{"arguments":"\\"Paris\\"}"}}]',
      '[{"id":null,"type":null,"index":0,"function":{"name":null,"arguments":""}}]',
      '[{"id":"call_b","type":"function","index":2,"function":{"name":"g","arguments":"{}"}}]',
    ].map((calls) => delta(`{"tool_calls":${calls}}`));
    const pieces = [
      { type: 'tool-call', index: 0, id: 'call_a', name: 'get_weather', argumentsDelta: '' },
      { type: 'tool-call', index: 0, argumentsDelta: '{"city":' },
      { type: 'tool-call', index: 0, argumentsDelta: '"Paris"}' },
    ];
    const end = `{"choices":[{"delta":{},"finish_reason":"stop"}],${usage}}`;
    expect(read([...frames, end])).toEqual([
      ...pieces,
      { type: 'tool-call', index: 1, id: 'call_b', name: 'g', argumentsDelta: '{}' },
      { ...finish, reason: 'tool_calls' },
    ]);
    expect(read([...frames, end], { parallelToolCalls: false })).toEqual([
      ...pieces,
      { ...finish, reason: 'tool_calls' },
    ]);
  });
});

describe('an answer that is no stream', () => {
  it.each<[string, unknown, string]>([
    ['text', { response: 'Hi' }, 'Hi'],
    ['an object in JSON mode', { response: { name: 'India' } }, '{"name":"India"}'],
    ['OpenAI’s format', { choices: [{ message: { content: 'Hi' }, finish_reason: 'stop' }] }, 'Hi'],
    ['a bare string', 'Hi', 'Hi'],
  ])('is read: %s', (_what, result, written) => {
    expect(createReader().takeResult(result)).toEqual([text(written)]);
  });

  it('is refused when it is nothing', () => {
    expect(() => createReader().takeResult(null)).toThrow('no text');
  });
});

describe('an error in the middle of an answer', () => {
  it.each([
    ['{"success":false,"errors":[{"code":3040,"message":"AiError: AiError: no capacity"}]}', '3040: no capacity'],
    ['{"internalCode":3007,"message":"m","name":"Timeout","description":"Request timeout"}', '3007: Request timeout'],
    ['{"error":{"message":"out of memory"}}', 'undefined: out of memory'],
    ['{"error":"broken"}', 'undefined: broken'],
  ])('is thrown: %s', (frame, message) => {
    expect(() => createReader().takeFrame(frame)).toThrow(message);
  });

  it('is thrown for what is no JSON', () => {
    expect(() => createReader().takeFrame('{"response":"half')).toThrow('not JSON');
  });
});

describe('a stop sequence', () => {
  it.each([
    ['within a piece', ['a END b'], 'a '],
    ['over several', ['a E', 'N', 'D b'], 'a '],
    ['only begun', ['a E', 'N', 'd b'], 'a ENd b'],
    ['begun at the end', ['a EN'], 'a EN'],
    ['of two, the first to come', ['a \n END'], 'a '],
  ])('ends the text before it: %s', (_where, pieces, written) => {
    const events = read(
      pieces.map((piece) => JSON.stringify({ response: piece })),
      { stop: ['END', '\n'] },
    );
    expect(events.map((event) => (event.type === 'text' ? event.text : '')).join('')).toBe(written);
    expect(events.at(-1)).toMatchObject({ type: 'finish', reason: 'stop' });
  });
});
