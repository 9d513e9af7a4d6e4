import { describe, expect, it } from 'vitest';
import { type Answer, type CallOptions, callHost, chatBody, errorOf } from './call-host.ts';
import type { Conformance } from './conformance-suite.ts';

/** Every class of failure, as a client sees it. */
export function testErrors({ host }: Conformance): void {
  const chat = '/v1/chat/completions';
  const ask = (path: string, options?: CallOptions): Promise<Answer> => callHost(host(), path, options);

  describe('errors', () => {
    it.each([
      ['busy', 429, 'requests', 'rate_limit_exceeded', 'Too many requests.'],
      ['broken', 503, 'server_error', 'upstream_error', 'The upstream failed with status 500.'],
      ['choosy', 400, 'invalid_request_error', 'bad_seed', 'Bad seed.'],
      [
        'garbled',
        502,
        'server_error',
        'upstream_malformed_answer',
        'The upstream sent an answer that is no JSON object.',
      ],
      ['gone', 502, 'server_error', 'upstream_unreachable', 'The upstream cannot be reached.'],
      ['silent', 504, 'server_error', 'timeout', "The model 'silent' did not finish within 1 s."],
    ])('of the upstream of %s: status %i, %s, %s', async (model, status, type, code, words) => {
      const answer = await ask(chat, { body: chatBody(model) });
      expect({ status: answer.status, ...errorOf(answer) }).toMatchObject({ status, type, code });
      expect(errorOf(answer).message).toContain(words);
      expect(Object.keys(errorOf(answer)).sort()).toEqual(['code', 'message', 'param', 'type']);
      expect(answer.headers['content-type']).toBe('application/json');
    });

    it('of the upstream before a stream begins are errors with a status', async () => {
      const answer = await ask(chat, { body: chatBody('broken', { stream: true }) });
      expect(answer.status).toBe(503);
      expect(answer.headers['content-type']).toBe('application/json');
    });

    it('do not tell the client that our credentials were refused', async () => {
      const answer = await ask(chat, { body: chatBody('locked') });
      expect(answer.status).toBeGreaterThanOrEqual(500);
      expect(errorOf(answer).message).not.toContain('Wrong key');
    });

    it.each<readonly [string, number, string | null, string, CallOptions]>([
      [
        'a body that is no JSON',
        400,
        'invalid_json',
        chat,
        { body: '{"model":', headers: { 'content-type': 'application/json' } },
      ],
      ['a body without messages', 400, 'missing_required_parameter', chat, { body: { model: 'speaker' } }],
      ['a value of the wrong type', 400, 'invalid_type', chat, { body: chatBody('speaker', { temperature: 'hot' }) }],
      ['an unknown model', 404, 'model_not_found', chat, { body: chatBody('absent') }],
      ['a model of another task', 400, 'unsupported_model', chat, { body: chatBody('embedder') }],
      ['a path that is no route', 404, 'not_found', '/v2/nothing', {}],
      ['a method that the path does not take', 405, 'method_not_supported', chat, { method: 'DELETE' }],
      ['a manifest that is none', 400, 'invalid_manifest', '/api/admin/manifest', { method: 'PUT', body: 'models: [' }],
    ])('of the client: %s is %i %s', async (_, status, code, path, options) => {
      const answer = await ask(path, options);
      expect(answer.status).toBe(status);
      expect(errorOf(answer)).toMatchObject({ type: 'invalid_request_error', code });
      expect(answer.requestId).toMatch(/^req_[0-9a-f]{32}$/);
    });

    it('say which methods a path takes', async () => {
      expect((await ask(chat, { method: 'GET' })).headers.allow).toBe('POST');
    });

    it('refuse a body that is too large', async () => {
      const answer = await ask(chat, { body: chatBody('speaker', { user: 'x'.repeat(11 * 1024 * 1024) }) });
      expect(answer.status).toBe(413);
      expect(errorOf(answer)).toMatchObject({ code: 'payload_too_large' });
    });

    it('echo a request id that is sane, and replace one that is not', async () => {
      const sane = await ask('/v1/models', { headers: { 'x-request-id': 'trace-1.a:b' } });
      expect(sane.requestId).toBe('trace-1.a:b');
      const wild = await ask('/v1/models', { headers: { 'x-request-id': 'a b<script>' } });
      expect(wild.requestId).toMatch(/^req_/);
    });
  });
}
