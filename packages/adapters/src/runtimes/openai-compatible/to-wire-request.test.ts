import type { GenerateRequest } from '@scarmonit/core/ports/model-runtime';
import { describe, expect, it } from 'vitest';
import { toWireRequest } from './to-wire-request.ts';

const request: GenerateRequest = {
  input: { kind: 'messages', messages: [{ role: 'user', content: 'Hi' }] },
  maxTokens: 16,
  stop: [],
  format: { type: 'text' },
  tools: [{ name: 'clock' }],
  toolChoice: 'auto',
};

describe('a generation as a wire request', () => {
  it('says that parallel calls of tools are not wanted, and nothing where they may be', () => {
    expect(toWireRequest(request, 'chat').body).not.toHaveProperty('parallel_tool_calls');
    const one = toWireRequest({ ...request, parallelToolCalls: false }, 'chat');
    expect(one.body).toHaveProperty('parallel_tool_calls', false);
  });
});
