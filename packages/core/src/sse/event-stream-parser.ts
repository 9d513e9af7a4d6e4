import { Utf8Decoder } from './utf8-decoder.ts';

/** One event of a stream, its data lines joined by line feeds. */
export interface ServerSentEvent {
  /** `message` unless the stream names another. */
  readonly event: string;
  readonly data: string;
}

/** The bytes are no event stream of ours: a line or an event is longer than any that a known server sends. */
export class EventStreamError extends Error {
  override readonly name = 'EventStreamError';
}

/** In UTF-16 units, of a line and of an event; better an error than all memory. */
const longestEvent = 16 * 1024 * 1024;

/**
 * Reads `text/event-stream` piece by piece, as the WHATWG HTML standard, section 9.2.6, parses it: lines end in LF, CRLF or
 * CR, lines that begin with a colon are comments, a byte order mark at the start is skipped, and what follows the last
 * blank line is no event. An event is handed on with the piece that completes it, however the network cuts lines,
 * characters or CRLF pairs.
 *
 * It is driven by pieces and not by an async iterator, because a gateway passes thousands of streams at once and each turn of
 * an iterator costs more than the parsing. (`packages/client` has a reader of its own: it runs in browsers and may import
 * nothing of core.)
 *
 * Work is linear in the bytes. A piece is decoded once, and only searched for line ends; an unfinished line is not searched
 * again when more of it comes.
 */
export class EventStreamParser {
  readonly #decoder = new Utf8Decoder();
  #isFirst = true;
  #skipLineFeed = false;
  /** The line that has not ended yet. */
  #line = '';
  #event = '';
  #data: string | undefined;

  /**
   * @returns the events that end in this piece, often none or one
   * @throws EventStreamError for a line or an event of more than 16 Mi characters
   */
  push(bytes: Uint8Array): readonly ServerSentEvent[] {
    let text = this.#decoder.decode(bytes);
    if (this.#isFirst && text !== '') {
      this.#isFirst = false;
      if (text.charCodeAt(0) === 0xfeff) text = text.slice(1);
    }
    const events: ServerSentEvent[] = [];
    let start = 0;
    if (this.#skipLineFeed && text !== '') {
      this.#skipLineFeed = false;
      if (text.charCodeAt(0) === 0x0a) start = 1;
    }
    let lineFeed = text.indexOf('\n', start);
    let carriageReturn = text.indexOf('\r', start);
    while (lineFeed !== -1 || carriageReturn !== -1) {
      const isCarriageReturn = carriageReturn !== -1 && (lineFeed === -1 || carriageReturn < lineFeed);
      const end = isCarriageReturn ? carriageReturn : lineFeed;
      this.#endLine(this.#line + text.slice(start, end), events);
      this.#line = '';
      start = end + 1;
      if (isCarriageReturn) {
        // The line has ended; a line feed that follows belongs to its end, even in the next piece.
        if (start === text.length) this.#skipLineFeed = true;
        else if (lineFeed === start) start += 1;
        carriageReturn = text.indexOf('\r', start);
      }
      if (lineFeed !== -1 && lineFeed < start) lineFeed = text.indexOf('\n', start);
    }
    if (start < text.length) {
      this.#line += start === 0 ? text : text.slice(start);
      if (this.#line.length > longestEvent) throw tooLong();
    }
    return events;
  }

  #endLine(line: string, events: ServerSentEvent[]): void {
    if (line === '') {
      if (this.#data !== undefined) events.push({ event: this.#event || 'message', data: this.#data });
      this.#data = undefined;
      this.#event = '';
      return;
    }
    if (line.startsWith('data:')) this.#addData(valueAfter(line, 5));
    else if (line === 'data') this.#addData('');
    else if (line.startsWith('event:')) this.#event = valueAfter(line, 6);
    else if (line === 'event') this.#event = '';
  }

  #addData(value: string): void {
    this.#data = this.#data === undefined ? value : `${this.#data}\n${value}`;
    if (this.#data.length > longestEvent) throw tooLong();
  }
}

/** One space after the colon is no part of the value. */
function valueAfter(line: string, at: number): string {
  return line.slice(line.charCodeAt(at) === 0x20 ? at + 1 : at);
}

function tooLong(): EventStreamError {
  return new EventStreamError('The event stream holds a line or an event of more than 16 Mi characters.');
}
