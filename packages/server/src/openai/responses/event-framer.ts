import type { ResponseEvent } from '@scarmonit/protocol/openai/response';
import { frameNamed } from '../../sse/frame-event.ts';

/** An event before its place in the stream is known. */
export type UnnumberedEvent = ResponseEvent extends infer Event
  ? Event extends ResponseEvent
    ? Omit<Event, 'sequence_number'>
    : never
  : never;

/** Numbers and frames the events of one stream. */
export class EventFramer {
  #next = 0;

  frame(event: UnnumberedEvent): string {
    return frameNamed(event.type, { ...event, sequence_number: this.takeNumber() });
  }

  /** For events that are framed from a template. */
  takeNumber(): number {
    const number = this.#next;
    this.#next += 1;
    return number;
  }
}
