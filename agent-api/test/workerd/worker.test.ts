import { reset } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { afterEach, describe, expect, it } from 'vitest';
import type { Env } from '../../worker/env.ts';
import worker from '../../worker/worker.ts';

const bindings: Env = { ...(env as unknown as Env), AI: { run: async () => ({}) } };
const secrets = { API_KEY: 'sk-scarmonit-only-for-tests', ENCRYPTION_KEY: '0123456789abcdef' };

const ask = async (path: string, changed: Partial<Env> = {}, cf: Partial<IncomingRequestCfProperties> = {}) => {
  const request = new Request(`https://agent.example.com${path}`, { cf } as RequestInit);
  const response = await worker.fetch(request as Parameters<typeof worker.fetch>[0], { ...bindings, ...changed });
  return { status: response.status, headers: response.headers, text: await response.text() };
};

// In this order: a worker keeps what it made at its first good start.
describe('the worker', () => {
  afterEach(() => reset());

  it('says which secret is missing, on every path', async () => {
    for (const path of ['/v1/models', '/readyz', '/healthz']) {
      const { status, headers, text } = await ask(path);
      expect(status).toBe(503);
      expect(headers.get('retry-after')).toBe('5');
      expect(JSON.parse(text).error).toEqual({
        message: 'The secret API_KEY, the first admin key, is not set. Set it: npx wrangler secret put API_KEY',
        type: 'server_error',
        param: null,
        code: 'not_configured',
      });
    }
  });

  it('refuses TLS older than 1.2 before anything else', async () => {
    expect((await ask('/healthz', {}, { tlsVersion: 'TLSv1.1' })).status).toBe(426);
  });

  it('answers for its health when the store cannot be used, and refuses all else', async () => {
    expect(await ask('/healthz', secrets)).toMatchObject({ status: 200, text: '{"status":"ok"}' });
    const ready = await ask('/readyz', secrets);
    expect([ready.status, JSON.parse(ready.text).reasons]).toEqual([503, ['starting', 'the store cannot be read']]);
    const { status, text } = await ask('/v1/models', secrets);
    expect([status, JSON.parse(text).error]).toEqual([
      503,
      {
        message: expect.stringMatching(/^The store's schema is version 0; .* needs version \d+\. Migrate it first\.$/),
        type: 'server_error',
        param: null,
        code: 'store_unavailable',
      },
    ]);
  });
});
