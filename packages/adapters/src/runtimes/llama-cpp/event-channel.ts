/**
 * Hands events from one producer to one reader without ever making the producer wait. The reader wakes once for all
 * that has come together. It holds at most what the producer makes, so the producer must be bounded.
 */
export class EventChannel<T> implements AsyncIterable<T> {
  #events: T[] = [];
  #state: { readonly done: boolean; readonly error?: unknown } = { done: false };
  #wake: (() => void) | undefined;

  push(event: T): void {
    if (this.#state.done) return;
    this.#events.push(event);
    this.#notify();
  }

  /** No more will come. */
  end(): void {
    this.#finish({ done: true });
  }

  /** The reader gets what is there and then this error. */
  fail(error: unknown): void {
    this.#finish({ done: true, error });
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, void> {
    while (true) {
      const events = this.#events;
      this.#events = [];
      yield* events;
      if (this.#events.length > 0) continue;
      if (this.#state.done) break;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if ('error' in this.#state) throw this.#state.error;
  }

  #finish(state: { readonly done: true; readonly error?: unknown }): void {
    if (this.#state.done) return;
    this.#state = state;
    this.#notify();
  }

  #notify(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}
