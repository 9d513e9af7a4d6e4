import type { WireEndpoint } from '@scarmonit/core/ports/model-runtime';
import { describe, expect, it } from 'vitest';
import { readWireRequest } from './read-wire-request.ts';

const read = (endpoint: WireEndpoint, body: Readonly<Record<string, unknown>>) =>
  readWireRequest({ endpoint, body, publicModel: 'm' });

describe('readWireRequest', () => {
  it('reads a chat as an engine on this machine takes it', () => {
    const messages = [{ role: 'user', content: 'Hello' }];
    expect(read('chat/completions', { model: 'm', messages, max_tokens: 5, stream: true })).toMatchObject({
      kind: 'generate',
      request: { input: { kind: 'messages', messages }, maxTokens: 5, toolChoice: 'none' },
    });
  });

  it('reads the first prompt of a completion', () => {
    expect(read('completions', { model: 'm', prompt: ['One', 'Two'], temperature: 0 })).toMatchObject({
      kind: 'generate',
      request: { input: { kind: 'text', text: 'One' }, temperature: 0 },
    });
  });

  it('reads what is to be embedded', () => {
    expect(read('embeddings', { model: 'm', input: 'hot', dimensions: 8 })).toEqual({
      kind: 'embed',
      request: { input: { kind: 'texts', texts: ['hot'] }, dimensions: 8 },
    });
  });

  it('refuses what only an upstream can do', () => {
    const messages = [{ role: 'user', content: 'Hello' }];
    const body = { model: 'm', messages, modalities: ['text', 'audio'] };
    expect(() => read('chat/completions', body)).toThrow("Only the modality 'text' is supported.");
    expect(() => read('completions', { model: 'm', prompt: [] })).toThrow("'prompt' is empty.");
  });
});
