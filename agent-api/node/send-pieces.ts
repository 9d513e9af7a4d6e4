import type { ServerResponse } from 'node:http';
import type { PiecewiseBody } from '@scarmonit/server/http/answer';

/**
 * Sends a body whose headers were written, asking for a piece when the client has taken those before. The client leaving
 * cancels it at once. Never rejects.
 */
export async function sendPieces(body: PiecewiseBody, outgoing: ServerResponse): Promise<void> {
  // Node would write each chunk in four pieces: its length, a line end, the text, a line end. As one string it costs a
  // third. An HTTP/1.0 client gets no chunks.
  const isChunked = outgoing.chunkedEncoding;
  outgoing.chunkedEncoding = false;
  let goOn: (() => void) | undefined;
  const resume = (): void => {
    goOn?.();
    goOn = undefined;
  };
  outgoing.on('drain', resume);
  outgoing.on('close', () => {
    void body.cancel();
    resume();
  });
  for (;;) {
    const text = await body.read();
    if (outgoing.destroyed) return;
    if (body.ended) {
      outgoing.end(isChunked ? `${toChunk(text)}0\r\n\r\n` : text);
      return;
    }
    if (!outgoing.write(isChunked ? toChunk(text) : text)) {
      await new Promise<void>((resolve) => (goOn = resolve));
      if (outgoing.destroyed) return;
    }
  }
}

/** RFC 9112, section 7.1. A chunk of no length would be the last. */
function toChunk(text: string): string {
  return text === '' ? '' : `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
}
