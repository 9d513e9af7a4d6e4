import { ScarmonitError } from '../errors/scarmonit-error.ts';
import type { GenerateEvent } from '../ports/model-runtime.ts';
import type { TrackedRequest } from './track-request.ts';

/**
 * The events of a generation, watched: notes times and tokens, and closes the record however
 * the iteration ends.
 *
 * Written as an iterator and not as a generator because `return()` on a generator that was never started skips its
 * `finally`: a client that leaves between the headers and the first read would leak its slot.
 */
export class RecordedEvents implements AsyncIterableIterator<GenerateEvent> {
  readonly #source: AsyncIterator<GenerateEvent>;
  readonly #request: TrackedRequest;
  #first: IteratorResult<GenerateEvent> | undefined;
  #done = false;

  constructor(source: AsyncIterator<GenerateEvent>, request: TrackedRequest) {
    this.#source = source;
    this.#request = request;
  }

  /** Waits for the first token, so that failures before it become HTTP errors. */
  async prime(): Promise<this> {
    this.#first = await this.#pull();
    return this;
  }

  async next(): Promise<IteratorResult<GenerateEvent>> {
    if (this.#first !== undefined) {
      const first = this.#first;
      this.#first = undefined;
      return first;
    }
    return this.#pull();
  }

  async return(): Promise<IteratorResult<GenerateEvent>> {
    this.#first = undefined;
    if (!this.#done) {
      this.#done = true;
      this.#request.cancel();
      await this.#source.return?.();
    }
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async #pull(): Promise<IteratorResult<GenerateEvent>> {
    if (this.#done) return { done: true, value: undefined };
    try {
      let result = await this.#source.next();
      if (!result.done && result.value.type === 'start') {
        this.#request.markStarted();
        result = await this.#source.next();
      }
      if (result.done) {
        throw new ScarmonitError('engine_failure', 'The engine ended the answer without saying why.');
      }
      if (result.value.type === 'finish') {
        this.#done = true;
        this.#request.succeed(result.value.usage);
      } else {
        this.#request.markToken();
      }
      return result;
    } catch (error) {
      this.#done = true;
      throw this.#request.fail(error);
    }
  }
}
