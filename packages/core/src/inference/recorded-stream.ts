import type { TrackedRequest } from './tracked-request.ts';

/**
 * What a version streams, watched: notes times and tokens, and closes the record however the iteration ends.
 *
 * Written as an iterator and not as a generator because `return()` on a generator that was never started skips its
 * `finally`: a client that leaves between the headers and the first read would leak its slot.
 */
export abstract class RecordedStream<T> implements AsyncIterableIterator<T> {
  protected readonly source: AsyncIterator<T>;
  protected readonly request: TrackedRequest;
  protected done = false;
  #first: IteratorResult<T> | undefined;

  constructor(source: AsyncIterator<T>, request: TrackedRequest) {
    this.source = source;
    this.request = request;
  }

  /** Takes the next item from the source and notes it. Called only while not {@link done}. */
  protected abstract pull(): Promise<IteratorResult<T>>;

  /** Whether the first item is held for the next read. */
  protected get hasFirst(): boolean {
    return this.#first !== undefined;
  }

  /** Waits for the first item, so that failures before it become HTTP errors or go to a fallback. */
  async prime(): Promise<this> {
    const { signal } = this.request;
    if (signal.aborted) {
      // Too late for a source that has not begun to listen to the signal.
      this.done = true;
      const failure = this.request.fail(signal.reason);
      await this.source.return?.();
      throw failure;
    }
    this.#first = await this.pull();
    return this;
  }

  // Not async: a promise that an async function returns costs three turns of the microtask queue for each item.
  next(): Promise<IteratorResult<T>> {
    const first = this.#first;
    this.#first = undefined;
    if (first !== undefined) return Promise.resolve(first);
    return this.done ? Promise.resolve({ done: true, value: undefined }) : this.pull();
  }

  async return(): Promise<IteratorResult<T>> {
    this.#first = undefined;
    if (!this.done) {
      this.done = true;
      this.request.cancel();
      await this.source.return?.();
    }
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
