import { describe, expect, it } from 'vitest';
import { readBodyText } from './read-body-text.ts';

const bytes = new TextEncoder().encode('naïve ☕ text');

function chunked(chunks: readonly Uint8Array[]): Request {
  const init: RequestInit & { duplex: 'half' } = { method: 'POST', body: ReadableStream.from(chunks), duplex: 'half' };
  return new Request('http://127.0.0.1/', init);
}

describe('readBodyText', () => {
  it('joins characters that are split between chunks', async () => {
    const chunks = Array.from(bytes, (_, index) => bytes.subarray(index, index + 1));
    expect(await readBodyText(chunked(chunks), bytes.length)).toBe('naïve ☕ text');
  });

  it('counts bytes, not characters', async () => {
    await expect(readBodyText(chunked([bytes]), bytes.length - 1)).rejects.toMatchObject({ kind: 'payload_too_large' });
  });

  it('takes no body for an empty one', async () => {
    expect(await readBodyText(new Request('http://127.0.0.1/'), 10)).toBe('');
  });

  it('says that the client left when the body breaks off', async () => {
    const broken = new ReadableStream({ pull: (controller) => controller.error(new Error('reset')) });
    const init: RequestInit & { duplex: 'half' } = { method: 'POST', body: broken, duplex: 'half' };
    const request = new Request('http://127.0.0.1/', init);
    await expect(readBodyText(request, 10)).rejects.toMatchObject({ kind: 'cancelled' });
  });
});
