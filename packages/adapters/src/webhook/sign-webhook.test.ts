import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createWebhookSigner, WebhookSecretError } from './sign-webhook.ts';

describe('createWebhookSigner', () => {
  it("signs the specification's example as its reference libraries do", () => {
    const sign = createWebhookSigner('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw');
    expect(sign('msg_p5jXN8AQM9LWM0D4loKWxJek', 1_614_265_330, '{"test": 2432232314}')).toBe(
      'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    );
  });

  it('signs any text with any plain secret, so that a receiver comes to the same by Web Crypto', async () => {
    const bytes = (text: string) => new TextEncoder().encode(text);
    const secret = fc.string({ unit: 'grapheme', minLength: 24 }).filter((text) => !text.startsWith('whsec_'));
    await fc.assert(
      fc.asyncProperty(secret, fc.string({ unit: 'grapheme' }), async (key, body) => {
        const algorithm = { name: 'HMAC', hash: 'SHA-256' };
        const opened = await crypto.subtle.importKey('raw', bytes(key), algorithm, false, ['verify']);
        const [version, signature = ''] = createWebhookSigner(key)('id', 1, body).split(',');
        const signed = Buffer.from(signature, 'base64');
        expect(version).toBe('v1');
        expect(await crypto.subtle.verify('HMAC', opened, signed, bytes(`id.1.${body}`))).toBe(true);
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
