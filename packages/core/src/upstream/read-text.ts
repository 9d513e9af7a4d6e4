import type { HttpBody } from '../ports/http-transport.ts';
import type { ReadyIterator } from '../ports/model-runtime.ts';

const utf8 = new TextDecoder();

/**
 * The body as text.
 * @param limitBytes what comes after it is cancelled
 * @returns undefined for a body that is longer
 */
export async function readText(body: HttpBody, limitBytes: number): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  // Not `for await`, which waits for what is here already: most answers are whole when they begin to be read.
  const pieces: ReadyIterator<Uint8Array> = body[Symbol.asyncIterator]();
  for (;;) {
    const { done, value } = pieces.takeReady?.() ?? (await pieces.next());
    if (done === true) break;
    chunks.push(value);
    length += value.length;
    if (length > limitBytes) {
      body.cancel();
      return undefined;
    }
  }
  const [first] = chunks;
  return utf8.decode(chunks.length === 1 ? first : concatenate(chunks, length));
}

function concatenate(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.length;
  }
  return whole;
}
