const algorithm = { name: 'HMAC', hash: 'SHA-256' };
const prefix = 'whsec_';
const fewestBytes = 24;

/** A secret that cannot be used; the message does not hold it. */
export class WebhookSecretError extends Error {
  override readonly name = 'WebhookSecretError';
}

/** Signs one message: the value of `webhook-signature`. */
export type SignWebhook = (id: string, timestampSeconds: number, body: string) => Promise<string>;

/**
 * Signs as the Standard Webhooks specification 1.0.0 says, in its symmetric scheme: `v1,` and the base64 of HMAC-SHA256
 * over `id.timestamp.body`. By Web Crypto, which Node and Workers both have.
 * @param secret `whsec_` with the key in base64, or any other text, whose UTF-8 bytes are the key
 * @throws WebhookSecretError for a key of fewer than 24 bytes, or what is no base64 after `whsec_`
 */
export function createWebhookSigner(secret: string): SignWebhook {
  const bytes = readSecret(secret);
  let opened: Promise<CryptoKey> | undefined;
  return async (id, timestampSeconds, body) => {
    opened ??= crypto.subtle.importKey('raw', bytes, algorithm, false, ['sign']);
    const message = new TextEncoder().encode(`${id}.${timestampSeconds}.${body}`);
    const signature = new Uint8Array(await crypto.subtle.sign(algorithm.name, await opened, message));
    return `v1,${btoa(String.fromCharCode(...signature))}`;
  };
}

function readSecret(secret: string): Uint8Array<ArrayBuffer> {
  const bytes = secret.startsWith(prefix)
    ? decodeBase64(secret.slice(prefix.length))
    : new TextEncoder().encode(secret);
  if (bytes === undefined)
    throw new WebhookSecretError(`What follows ${prefix} in the webhook's secret must be base64.`);
  if (bytes.length >= fewestBytes) return bytes;
  throw new WebhookSecretError(`The webhook's secret must have at least ${fewestBytes} bytes, not ${bytes.length}.`);
}

function decodeBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}
