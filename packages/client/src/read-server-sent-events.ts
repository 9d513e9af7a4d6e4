/** One event of a stream, its data lines joined by line feeds. */
export interface ServerSentEvent {
  /** `message` unless the stream names another. */
  readonly event: string;
  readonly data: string;
}

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
/** A line that is longer than this is not from a server that we know; better an error than all memory. */
const maxLineBytes = 16 * 1024 * 1024;

/**
 * Reads `text/event-stream` as the WHATWG HTML standard, section 9.2.6, parses it: lines end in LF, CRLF or CR, lines
 * that begin with a colon are comments, a byte order mark at the start is skipped. It works on bytes, so that an event
 * is handed on as soon as its blank line is there, however the network cuts lines, characters or CRLF pairs.
 * What follows the last blank line is dropped, as the standard says.
 */
export async function* readServerSentEvents(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<ServerSentEvent> {
  let event = '';
  let data: string[] = [];
  for await (const line of readLines(bytes)) {
    if (line === '') {
      if (data.length > 0) yield { event: event || 'message', data: data.join('\n') };
      event = '';
      data = [];
      continue;
    }
    const colon = line.indexOf(':');
    if (colon === 0) continue;
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    if (field === 'data') data.push(value);
    else if (field === 'event') event = value;
  }
}

async function* readLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let pieces: Uint8Array[] = [];
  let pieceBytes = 0;
  let isFirst = true;
  let skipLineFeed = false;
  for await (const chunk of chunks) {
    let start = 0;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at];
      if (byte !== lineFeed && byte !== carriageReturn) {
        skipLineFeed = false;
        continue;
      }
      if (byte === lineFeed && skipLineFeed) {
        skipLineFeed = false;
        start = at + 1;
        continue;
      }
      // The line ends here; a line feed that follows belongs to it, even in the next chunk.
      skipLineFeed = byte === carriageReturn;
      const line = decoder.decode(join(pieces, pieceBytes, chunk.subarray(start, at)));
      yield isFirst ? line.replace(/^\ufeff/, '') : line;
      isFirst = false;
      pieces = [];
      pieceBytes = 0;
      start = at + 1;
    }
    if (start < chunk.length) {
      pieces.push(chunk.subarray(start));
      pieceBytes += chunk.length - start;
      if (pieceBytes > maxLineBytes) throw new Error('The event stream holds a line of more than 16 MiB.');
    }
  }
}

function join(pieces: readonly Uint8Array[], pieceBytes: number, last: Uint8Array): Uint8Array {
  if (pieces.length === 0) return last;
  const whole = new Uint8Array(pieceBytes + last.length);
  let offset = 0;
  for (const piece of pieces) {
    whole.set(piece, offset);
    offset += piece.length;
  }
  whole.set(last, offset);
  return whole;
}
