/** One event of a stream as a reader that knows nothing of the writer sees it. */
export interface ReadEvent {
  readonly event: string;
  readonly data: string;
}

/**
 * Reads an event stream by the letter of the standard, independently of the writer.
 * Source: https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
export function readEvents(text: string): readonly ReadEvent[] {
  const events: ReadEvent[] = [];
  let event = '';
  let data: string[] = [];
  for (const line of text.split(/\r\n|\r|\n/)) {
    if (line === '') {
      if (data.length > 0) {
        events.push({ event: event === '' ? 'message' : event, data: data.join('\n') });
      }
      event = '';
      data = [];
      continue;
    }
    const colon = line.indexOf(':');
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') {
      event = value;
    } else if (field === 'data') {
      data.push(value);
    }
  }
  return events;
}
