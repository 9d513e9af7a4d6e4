import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';

export function bodyTooLarge(maxBytes: number): ScarmonitError {
  return new ScarmonitError(
    'payload_too_large',
    `The request body is larger than ${maxBytes} bytes. Send less, or split the input over several requests.`,
  );
}

/**
 * Reads a body as UTF-8 text, never keeping more than `maxBytes`.
 * @throws ScarmonitError `payload_too_large`, or `cancelled` when the client left while sending
 */
export async function readBodyText(request: Request, maxBytes: number): Promise<string> {
  try {
    // With a declared length, which was checked before, HTTP servers deliver no more than that.
    if (request.headers.has('content-length')) {
      return await request.text();
    }
    return request.body === null ? '' : await readCounted(request.body, maxBytes);
  } catch (error) {
    throw error instanceof ScarmonitError
      ? error
      : new ScarmonitError('cancelled', 'The client left before the request was complete.', { cause: error });
  }
}

async function readCounted(body: ReadableStream<Uint8Array>, maxBytes: number): Promise<string> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    bytes += next.value.byteLength;
    if (bytes > maxBytes) {
      await reader.cancel().catch(() => {});
      throw bodyTooLarge(maxBytes);
    }
    text += decoder.decode(next.value, { stream: true });
  }
  return text + decoder.decode();
}
