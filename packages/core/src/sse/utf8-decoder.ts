/**
 * Decodes UTF-8 that arrives in pieces, cut anywhere. Bytes of a character that is not whole yet are kept for the next
 * piece; what is not UTF-8 becomes U+FFFD. A byte order mark is a character like any other.
 *
 * `TextDecoder` does the same with `stream: true`, but leaves its fast path for it in every engine; here each piece is
 * decoded as a whole.
 */
export class Utf8Decoder {
  readonly #decoder = new TextDecoder('utf-8', { fatal: false, ignoreBOM: true });
  #kept: Uint8Array | undefined;

  /** The characters that are whole after this piece. At the end of the stream an unfinished one is lost. */
  decode(bytes: Uint8Array): string {
    let all = bytes;
    if (this.#kept !== undefined) {
      all = new Uint8Array(this.#kept.length + bytes.length);
      all.set(this.#kept);
      all.set(bytes, this.#kept.length);
      this.#kept = undefined;
    }
    const unfinished = unfinishedBytes(all);
    if (unfinished === 0) return this.#decoder.decode(all);
    const end = all.length - unfinished;
    this.#kept = all.slice(end);
    return end === 0 ? '' : this.#decoder.decode(all.subarray(0, end));
  }
}

/** How many bytes at the end begin a character that needs more than there are (RFC 3629, section 3). */
function unfinishedBytes(bytes: Uint8Array): number {
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return back < lengthOf(byte) ? back : 0;
  }
  return 0;
}

function lengthOf(lead: number): number {
  if (lead >= 0xf0) return 4;
  return lead >= 0xe0 ? 3 : 2;
}
