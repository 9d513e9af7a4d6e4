import { describe, expect, it } from 'vitest';
import { type Answer, callHost, chatBody, errorOf } from './call-host.ts';
import type { Conformance } from './conformance-suite.ts';
import { redirectsTo } from './scripted-upstream.ts';

/** The value of `CONFORMANCE_API_KEY`, which is bound to the origin of the scripted upstream. */
export const keyOfUpstream = 'uk-bound-to-one-origin';

/** Who can apply a manifest must not get at secrets by it. */
export function testSecrets({ host, upstream }: Conformance): void {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: as manifests have it.
  const apiKey = '${CONFORMANCE_API_KEY}';
  const versionAt = (baseUrl: string) => ({ runtime: 'openai-compatible', model: 'speaker', baseUrl, apiKey });
  const apply = (version: object): Promise<Answer> =>
    callHost(host(), '/api/admin/manifest', {
      method: 'PUT',
      headers: { 'content-type': 'text/yaml' },
      body: JSON.stringify({
        apiVersion: 'scarmonit/v1',
        models: { thief: { task: 'chat', stable: '1.0.0', versions: { '1.0.0': version } } },
      }),
    });

  /** Places like the one that the secret is bound to, none of which is it. */
  const places: readonly (readonly [string, (baseUrl: string) => string])[] = [
    ['another host', (baseUrl) => baseUrl.replace('127.0.0.1', 'localhost')],
    ['another port', (baseUrl) => baseUrl.replace(/:\d+\//, ':9/')],
    ['another scheme', (baseUrl) => baseUrl.replace('http:', 'https:')],
    ['a longer host', (baseUrl) => baseUrl.replace('127.0.0.1', '127.0.0.1.example.com')],
  ];

  describe('secrets', () => {
    it('go to the address that they are bound to', async () => {
      expect((await callHost(host(), '/v1/chat/completions', { body: chatBody('keyed') })).status).toBe(200);
      expect(upstream().authorizations.get('keyed')).toBe(`Bearer ${keyOfUpstream}`);
    });

    it.each(places)('do not go to %s at the word of a manifest, which is refused whole', async (_, move) => {
      const baseUrl = move(upstream().baseUrl);
      const { origin } = new URL(baseUrl);
      const answer = await apply(versionAt(baseUrl));
      expect([answer.status, errorOf(answer).code]).toEqual([400, 'secret_not_bound']);
      const { message } = errorOf(answer);
      expect(message).toContain(`models.thief.versions["1.0.0"].apiKey would send ${apiKey} to ${origin}`);
      expect(message).toContain(`CONFORMANCE_API_KEY=${origin} to SCARMONIT_SECRET_ORIGINS`);
      expect(message).not.toContain(keyOfUpstream);
      expect((await callHost(host(), '/v1/chat/completions', { body: chatBody('thief') })).status).toBe(404);
      expect((await callHost(host(), '/v1/chat/completions', { body: chatBody('speaker') })).status).toBe(200);
    });

    it('do not go elsewhere as one target of several', async () => {
      const targets = [upstream().baseUrl, 'https://thief.example.com/v1'].map((baseUrl) => ({
        baseUrl,
        model: 'speaker',
        apiKey,
      }));
      const answer = await apply({ runtime: 'openai-compatible', targets });
      expect([answer.status, errorOf(answer).code]).toEqual([400, 'secret_not_bound']);
      expect(errorOf(answer).message).toContain('targets[1].apiKey');
    });

    it('do not go elsewhere at the word of a version that is registered', async () => {
      const answer = await callHost(host(), '/api/admin/models/speaker/versions/6.6.6', {
        method: 'PUT',
        headers: { 'content-type': 'text/yaml' },
        body: JSON.stringify(versionAt('https://thief.example.com/v1')),
      });
      expect([answer.status, errorOf(answer).code]).toEqual([400, 'secret_not_bound']);
      expect(errorOf(answer).message).toContain('https://thief.example.com');
      const { text } = await callHost(host(), '/api/admin/models/speaker/versions');
      expect(text).not.toContain('6.6.6');
    });

    it('do not follow a redirect', async () => {
      const answer = await callHost(host(), '/v1/chat/completions', { body: chatBody('redirector') });
      expect(answer.status).toBe(503);
      expect(upstream().authorizations.get('redirector')).toBe(`Bearer ${keyOfUpstream}`);
      expect(upstream().authorizations.has(redirectsTo)).toBe(false);
    });
  });
}
