/**
 * Events of one stream on their way to one consumer.
 *
 * Written by hand and not as an async generator, because a generator queues `return()` behind a `next()` that waits:
 * a client who leaves between two tokens would be noticed only at the next token.
 */
export class EventQueue<Event> implements AsyncIterableIterator<Event> {
  readonly #hooks: EventQueueHooks;
  #events: Event[] = [];
  #readers: { resolve(result: IteratorResult<Event, undefined>): void; reject(error: unknown): void }[] = [];
  #state: 'open' | 'ended' | 'failed' = 'open';
  #error: unknown;
  #started = false;

  constructor(hooks: EventQueueHooks) {
    this.#hooks = hooks;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  push(event: Event): void {
    if (this.#state !== 'open') return;
    const reader = this.#readers.shift();
    if (reader === undefined) this.#events.push(event);
    else this.#hand(event, reader.resolve);
  }

  /** No more events; what is here can still be read. */
  end(): void {
    if (this.#state !== 'open') return;
    this.#state = 'ended';
    for (const reader of this.#readers.splice(0)) reader.resolve({ done: true, value: undefined });
  }

  /** As {@link end}, but after what is here the reader gets the error, once. */
  fail(error: unknown): void {
    if (this.#state !== 'open') return;
    this.#state = 'failed';
    this.#error = error;
    const reader = this.#readers.shift();
    if (reader === undefined) return;
    this.#state = 'ended';
    reader.reject(error);
    for (const other of this.#readers.splice(0)) other.resolve({ done: true, value: undefined });
  }

  next(): Promise<IteratorResult<Event, undefined>> {
    if (!this.#started) {
      this.#started = true;
      this.#hooks.onStart();
    }
    return new Promise((resolve, reject) => {
      const event = this.#events.shift();
      if (event !== undefined) this.#hand(event, resolve);
      else if (this.#state === 'open') this.#readers.push({ resolve, reject });
      else if (this.#state === 'failed') {
        this.#state = 'ended';
        reject(this.#error);
      } else resolve({ done: true, value: undefined });
    });
  }

  return(): Promise<IteratorResult<Event, undefined>> {
    const wasOpen = this.#state === 'open' && this.#started;
    this.#started = true;
    this.#events = [];
    this.#state = 'ended';
    for (const reader of this.#readers.splice(0)) reader.resolve({ done: true, value: undefined });
    if (wasOpen) this.#hooks.onReturn();
    return Promise.resolve({ done: true, value: undefined });
  }

  #hand(event: Event, resolve: (result: IteratorResult<Event, undefined>) => void): void {
    resolve({ done: false, value: event });
    this.#hooks.onTake();
  }
}

export interface EventQueueHooks {
  /** At the first `next()`. */
  onStart(): void;
  /** The consumer took one event. */
  onTake(): void;
  /** The consumer ended the iteration before the stream did. */
  onReturn(): void;
}
