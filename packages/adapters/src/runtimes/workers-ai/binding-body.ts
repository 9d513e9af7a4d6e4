import type { Clock } from '@scarmonit/core/ports/clock';
import { type HttpBody, HttpTransportError } from '@scarmonit/core/ports/http-transport';

/** What a `ReadableStream` of bytes is to a reader. */
export interface BindingStream {
  getReader(): {
    read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>;
    cancel(reason?: unknown): Promise<unknown>;
  };
}

export function isBindingStream(value: unknown): value is BindingStream {
  return typeof value === 'object' && value !== null && 'getReader' in value && typeof value.getReader === 'function';
}

export interface BindingBodyParts {
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly idleTimeoutMs: number;
  /** Ends the request beneath the stream, where the binding takes a signal. */
  readonly stop: AbortController;
}

/**
 * A stream of the binding as the body of an answer, with the deadline between two pieces. Cancelling the stream is how the
 * platform learns that nobody reads any more.
 */
export class BindingBody implements HttpBody, AsyncIterator<Uint8Array, undefined> {
  readonly #reader: ReturnType<BindingStream['getReader']>;
  readonly #parts: BindingBodyParts;
  readonly #onAbort = () => this.cancel();
  #isOver = false;
  #failure: HttpTransportError | undefined;
  #reject: ((failure: HttpTransportError) => void) | undefined;

  constructor(stream: BindingStream, parts: BindingBodyParts) {
    this.#reader = stream.getReader();
    this.#parts = parts;
    parts.signal.addEventListener('abort', this.#onAbort, { once: true });
    if (parts.signal.aborted) this.cancel();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (this.#isOver) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve, reject) => {
      const cancelTimer = this.#parts.clock.schedule(this.#parts.idleTimeoutMs, () =>
        this.#give(new HttpTransportError('idle-timeout', 'The binding stopped in its answer.')),
      );
      this.#reject = (failure) => {
        cancelTimer();
        reject(failure);
      };
      this.#reader.read().then(
        ({ done, value }) => {
          cancelTimer();
          if (done || value === undefined) this.#end();
          resolve(done || value === undefined ? { done: true, value: undefined } : { done: false, value });
        },
        (error: unknown) => {
          cancelTimer();
          this.#end();
          reject(this.#failure ?? new HttpTransportError('broken', 'The stream of the binding broke.', error));
        },
      );
    });
  }

  return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.cancel();
    return Promise.resolve({ done: true, value: undefined });
  }

  cancel(): void {
    this.#give(new HttpTransportError('aborted', 'The answer was cancelled.'));
  }

  /** Nothing here is kept for another request, so what is left need not be read. */
  discard(): void {
    this.#give(undefined);
  }

  #give(failure: HttpTransportError | undefined): void {
    if (this.#isOver) return;
    this.#failure = failure;
    this.#end();
    this.#reader.cancel().catch(() => {});
    this.#parts.stop.abort();
    if (failure !== undefined) this.#reject?.(failure);
  }

  #end(): void {
    this.#isOver = true;
    this.#parts.signal.removeEventListener('abort', this.#onAbort);
  }
}
