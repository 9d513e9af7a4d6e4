type Reader = PromiseWithResolvers<IteratorResult<unknown, undefined>>;

export interface ItemQueueHooks {
  /** At the first `next()`. */
  onStart(): void;
  /** The reader took an item. */
  onTake(): void;
  /** The reader ended the iteration before the stream did. */
  onReturn(): void;
}

/**
 * Items of one stream on their way to one reader. Not an async generator, because a generator queues `return()` behind a
 * `next()` that waits: a reader who leaves between two items would be noticed only at the next one.
 */
export class ItemQueue implements AsyncIterableIterator<unknown> {
  readonly #hooks: ItemQueueHooks;
  readonly #items: unknown[] = [];
  readonly #readers: Reader[] = [];
  #end: { readonly error?: unknown } | undefined;
  #started = false;

  constructor(hooks: ItemQueueHooks) {
    this.#hooks = hooks;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  push(item: unknown): void {
    if (this.#end !== undefined) return;
    this.#items.push(item);
    this.#serveReaders();
  }

  /** No more items. What is here can still be read; the error, if there is one, is thrown after it, once. */
  end(failure: { readonly error?: unknown } = {}): void {
    this.#end ??= failure;
    this.#serveReaders();
  }

  next(): Promise<IteratorResult<unknown, undefined>> {
    const reader: Reader = Promise.withResolvers();
    this.#readers.push(reader);
    if (!this.#started) {
      this.#started = true;
      this.#hooks.onStart();
    }
    this.#serveReaders();
    return reader.promise;
  }

  return(): Promise<IteratorResult<unknown, undefined>> {
    const isOpen = this.#started && this.#end === undefined;
    this.#started = true;
    this.#items.length = 0;
    this.end();
    this.#end = {};
    if (isOpen) this.#hooks.onReturn();
    return Promise.resolve({ done: true, value: undefined });
  }

  #serveReaders(): void {
    while (this.#readers.length > 0 && (this.#items.length > 0 || this.#end !== undefined)) {
      const reader = this.#readers.shift();
      if (this.#items.length > 0) {
        reader?.resolve({ done: false, value: this.#items.shift() });
        if (this.#end === undefined) this.#hooks.onTake();
      } else if (this.#end !== undefined && 'error' in this.#end) {
        reader?.reject(this.#end.error);
        this.#end = {};
      } else {
        reader?.resolve({ done: true, value: undefined });
      }
    }
  }
}
