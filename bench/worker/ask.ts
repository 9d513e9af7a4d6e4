import { request } from 'undici';

export interface Asked {
  readonly url: string;
  readonly key: string;
  readonly model: string;
}

/** Asks for a stream and reads it. @returns milliseconds until the first byte and until the end */
export async function timeStream({ url, key, model }: Asked): Promise<{ firstMs: number; totalMs: number }> {
  const startedAt = performance.now();
  let firstMs = 0;
  let text = '';
  const { statusCode, body } = await request(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model, stream: true, messages: [{ role: 'user', content: 'Tell me about gateways.' }] }),
  });
  for await (const piece of body) {
    if (firstMs === 0) firstMs = performance.now() - startedAt;
    text += String(piece);
  }
  if (statusCode !== 200 || !text.endsWith('data: [DONE]\n\n')) throw new Error(`${statusCode} from ${url}: ${text}`);
  return { firstMs, totalMs: performance.now() - startedAt };
}
