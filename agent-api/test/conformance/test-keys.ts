import { describe, expect, it } from 'vitest';
import { type Answer, callHost, chatBody, errorOf } from './call-host.ts';
import type { Conformance } from './conformance-suite.ts';

/** Keys, what they may do, and their limits. */
export function testKeys({ host }: Conformance): void {
  const chat = '/v1/chat/completions';
  const askWith = (key: string | undefined, model = 'speaker'): Promise<Answer> =>
    callHost(host(), chat, { key, body: chatBody(model) });

  const create = async (wanted: object): Promise<{ readonly id: string; readonly secret: string }> => {
    const answer = await callHost(host(), '/api/admin/keys', {
      body: { name: 'conformance', scopes: ['infer'], ...wanted },
    });
    expect(answer.status).toBe(201);
    const { key, secret } = JSON.parse(answer.text) as { key: { id: string }; secret: string };
    return { id: key.id, secret };
  };

  describe('keys', () => {
    it('are asked for, in the words of OpenAI', async () => {
      const none = await askWith(undefined);
      expect(none.status).toBe(401);
      expect(none.headers['www-authenticate']).toBe('Bearer');
      expect(errorOf(none)).toMatchObject({ type: 'invalid_request_error', code: null, param: null });
      const wrong = await askWith('sk-scarmonit-wrong-wrong-wrong');
      expect(wrong.status).toBe(401);
      expect(errorOf(wrong)).toEqual({
        message: 'Incorrect API key provided: sk-sc…rong.',
        type: 'invalid_request_error',
        param: null,
        code: 'invalid_api_key',
      });
    });

    it('work from the moment that they are made to the moment that they are revoked', async () => {
      const { id, secret } = await create({});
      expect((await askWith(secret)).status).toBe(200);
      const revoked = await callHost(host(), `/api/admin/keys/${id}`, { method: 'DELETE' });
      expect(revoked.status).toBe(200);
      const after = await askWith(secret);
      expect(after.status).toBe(401);
      expect(errorOf(after).message).toMatch(/was revoked/);
    });

    it('do no more than their scope, and see no more than their models', async () => {
      const { secret } = await create({ models: ['embedder'] });
      const admin = await callHost(host(), '/api/admin/keys', { key: secret });
      expect(admin.status).toBe(403);
      expect(errorOf(admin)).toMatchObject({ code: 'insufficient_permissions' });
      expect((await askWith(secret)).status).toBe(404);
      const models = await callHost(host(), '/v1/models', { key: secret });
      expect((JSON.parse(models.text) as { data: { id: string }[] }).data.map(({ id }) => id)).toEqual(['embedder']);
    });

    it('pass exactly as many requests as allowed when 64 come at once, and say how many are left', async () => {
      const { secret } = await create({ requestsPerMinute: 40 });
      const answers = await Promise.all(Array.from({ length: 64 }, () => askWith(secret)));
      const passed = answers.filter(({ status }) => status === 200);
      const refused = answers.filter(({ status }) => status === 429);
      expect([passed.length, refused.length]).toEqual([40, 24]);
      const left = passed.map(({ headers }) => Number(headers['x-ratelimit-remaining-requests']));
      expect(left.toSorted((one, other) => one - other)).toEqual(Array.from({ length: 40 }, (_, index) => index));
      const [first] = refused;
      expect(first?.headers['x-ratelimit-limit-requests']).toBe('40');
      expect(Number(first?.headers['retry-after'])).toBeGreaterThan(0);
      expect(Number(first?.headers['retry-after-ms'])).toBeLessThanOrEqual(61_000);
      expect(first === undefined ? {} : errorOf(first)).toMatchObject({
        type: 'requests',
        code: 'rate_limit_exceeded',
      });
    });

    it('settle tokens by what was really used', async () => {
      const { secret } = await create({ tokensPerMinute: 1_000 });
      const first = await askWith(secret);
      expect(first.headers['x-ratelimit-limit-tokens']).toBe('1000');
      const estimate = 1_000 - Number(first.headers['x-ratelimit-remaining-tokens']);
      // The first has used 12 by now; the second holds its estimate while it is answered.
      const second = await askWith(secret);
      expect(1_000 - Number(second.headers['x-ratelimit-remaining-tokens'])).toBe(12 + estimate);
    });
  });
}
