import { createHmac } from 'node:crypto';

const prefix = 'whsec_';
const fewestBytes = 24;

/** A secret that cannot be used; the message does not hold it. */
export class WebhookSecretError extends Error {
  override readonly name = 'WebhookSecretError';
}

/** Signs one message: the value of `webhook-signature`. */
export type SignWebhook = (id: string, timestampSeconds: number, body: string) => string;

/**
 * Signs as the Standard Webhooks specification 1.0.0 says, in its symmetric scheme: `v1,` and the base64 of HMAC-SHA256
 * over `id.timestamp.body`. By `node:crypto`, which Workers have as well.
 * @param secret `whsec_` with the key in base64, or any other text, whose UTF-8 bytes are the key
 * @throws WebhookSecretError for a key of fewer than 24 bytes, or what is no base64 after `whsec_`
 */
export function createWebhookSigner(secret: string): SignWebhook {
  const key = readSecret(secret);
  return (id, timestampSeconds, body) =>
    `v1,${createHmac('sha256', key).update(`${id}.${timestampSeconds}.${body}`).digest('base64')}`;
}

function readSecret(secret: string): Uint8Array {
  const key = secret.startsWith(prefix) ? decodeBase64(secret.slice(prefix.length)) : new TextEncoder().encode(secret);
  if (key === undefined) throw new WebhookSecretError(`What follows ${prefix} in the webhook's secret must be base64.`);
  if (key.length >= fewestBytes) return key;
  throw new WebhookSecretError(`The webhook's secret must have at least ${fewestBytes} bytes, not ${key.length}.`);
}

function decodeBase64(text: string): Uint8Array | undefined {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}
