import type { ChatMessage } from '@scarmonit/core/ports/model-runtime';
import { describe, expect, it } from 'vitest';
import { layOutMessages } from './lay-out-messages.ts';

const plain = { supportsTools: false, supportsSystem: true, supportsDeveloper: false };
const user: ChatMessage = { role: 'user', content: 'Hi' };
const call: ChatMessage = {
  role: 'assistant',
  content: '',
  toolCalls: [{ id: 'call_0123456789abcdef', name: 'weather', arguments: '{"city": "Rome"}' }],
};
const result: ChatMessage = { role: 'tool', content: '21 °C', toolCallId: 'call_0123456789abcdef' };

describe('layOutMessages', () => {
  it('calls the developer `system` and joins what stands at the beginning', () => {
    const messages = [{ role: 'developer', content: 'A' } as const, { role: 'system', content: 'B' } as const, user];
    expect(layOutMessages(messages, plain, 'Guidance')).toEqual([
      { role: 'system', content: 'Guidance\n\nA\n\nB' },
      { role: 'user', content: 'Hi' },
    ]);
  });

  it('keeps the developer where the template knows it', () => {
    const messages = [{ role: 'developer', content: 'A' } as const, user];
    expect(layOutMessages(messages, { ...plain, supportsDeveloper: true }, undefined)[0]?.role).toBe('developer');
  });

  it('folds system texts into the first question where the template has no place for them', () => {
    const messages = [{ role: 'system', content: 'Be brief.' } as const, user];
    expect(layOutMessages(messages, { ...plain, supportsSystem: false }, undefined)).toEqual([
      { role: 'user', content: 'Be brief.\n\nHi' },
    ]);
  });

  it('gives calls and results to templates that show them', () => {
    expect(layOutMessages([user, call, result], { ...plain, supportsTools: true }, undefined).slice(1)).toEqual([
      {
        role: 'assistant',
        content: '',
        tool_calls: [{ id: '789abcdef', type: 'function', function: { name: 'weather', arguments: { city: 'Rome' } } }],
      },
      { role: 'tool', content: '21 °C', tool_call_id: '789abcdef' },
    ]);
  });

  it('writes calls and results out for templates that do not', () => {
    expect(layOutMessages([user, call, result], plain, undefined).slice(1)).toEqual([
      {
        role: 'assistant',
        content: '<tool_call>\n{"name": "weather", "arguments": {"city": "Rome"}}\n</tool_call>',
      },
      { role: 'user', content: '<tool_response>\n21 °C\n</tool_response>' },
    ]);
  });

  it('refuses no messages and arguments that are no JSON', () => {
    const broken: ChatMessage = { ...call, toolCalls: [{ id: 'a', name: 'weather', arguments: '{' }] };
    expect(() => layOutMessages([], plain, undefined)).toThrowError(expect.objectContaining({ param: 'messages' }));
    expect(() => layOutMessages([user, broken], { ...plain, supportsTools: true }, undefined)).toThrowError(
      expect.objectContaining({ kind: 'invalid_request', param: 'messages[1].tool_calls' }),
    );
  });
});
