import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createWebhookSigner, WebhookSecretError } from './sign-webhook.ts';

describe('createWebhookSigner', () => {
  it("signs the specification's example as its reference libraries do", async () => {
    const sign = createWebhookSigner('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw');
    expect(await sign('msg_p5jXN8AQM9LWM0D4loKWxJek', 1_614_265_330, '{"test": 2432232314}')).toBe(
      'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    );
  });

  it('signs any text with any plain secret, as HMAC-SHA256 over its UTF-8', async () => {
    const secret = fc.string({ unit: 'grapheme', minLength: 24 });
    await fc.assert(
      fc.asyncProperty(secret, fc.string({ unit: 'grapheme' }), async (key, body) => {
        fc.pre(!key.startsWith('whsec_'));
        const expected = createHmac('sha256', key).update(`id.1.${body}`).digest('base64');
        expect(await createWebhookSigner(key)('id', 1, body)).toBe(`v1,${expected}`);
      }),
      { numRuns: 50 },
    );
  });

  it.each(['', 'short', 'whsec_', 'whsec_c2hvcnQ=', 'whsec_this is no base64 at all, not even nearly'])(
    'refuses %j without repeating it',
    (secret) => {
      expect(() => createWebhookSigner(secret)).toThrow(WebhookSecretError);
      if (secret.length > 6) {
        expect(() => createWebhookSigner(secret)).toThrow(
          expect.objectContaining({ message: expect.not.stringContaining(secret.slice(6)) }),
        );
      }
    },
  );
});
