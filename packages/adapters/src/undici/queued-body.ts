import type { HttpBody, HttpTransportError } from '@scarmonit/core/ports/http-transport';
import type { ReadyIterator } from '@scarmonit/core/ports/model-runtime';

/** What is read ahead of a reader that is slower than the network. */
const highWaterBytes = 64 * 1024;
/** What is read away after `discard`: the end of a chunked body, but no second answer. */
const discardBytes = 16 * 1024;

/** How a body steers where it comes from. */
export interface BodySource {
  pause(): void;
  resume(): void;
  cancel(): void;
}

/**
 * Bytes on their way from the network to one reader, with back-pressure.
 *
 * Written by hand and not as an async generator, because a generator queues `return()` behind a `next()` that waits: a
 * client who leaves between two chunks would be noticed only at the next chunk.
 */
export class QueuedBody implements HttpBody, ReadyIterator<Uint8Array> {
  readonly #source: BodySource;
  #chunks: Uint8Array[] = [];
  #queuedBytes = 0;
  #isPaused = false;
  #reader: PromiseWithResolvers<IteratorResult<Uint8Array, undefined>> | undefined;
  #state: 'open' | 'ended' | 'failed' = 'open';
  #error: HttpTransportError | undefined;
  #discardLeft: number | undefined;

  constructor(source: BodySource) {
    this.#source = source;
  }

  push(chunk: Uint8Array): void {
    if (this.#state !== 'open') return;
    if (this.#discardLeft !== undefined) {
      this.#discardLeft -= chunk.length;
      if (this.#discardLeft < 0) this.cancel();
      return;
    }
    const reader = this.#reader;
    if (reader !== undefined) {
      this.#reader = undefined;
      reader.resolve({ done: false, value: chunk });
      return;
    }
    this.#chunks.push(chunk);
    this.#queuedBytes += chunk.length;
    if (this.#queuedBytes > highWaterBytes && !this.#isPaused) {
      this.#isPaused = true;
      this.#source.pause();
    }
  }

  end(): void {
    if (this.#state !== 'open') return;
    this.#state = 'ended';
    this.#reader?.resolve({ done: true, value: undefined });
    this.#reader = undefined;
  }

  /** What has come can still be read, then the reader gets the error. */
  fail(error: HttpTransportError): void {
    if (this.#state !== 'open') return;
    this.#state = 'failed';
    this.#error = error;
    this.#reader?.reject(error);
    this.#reader = undefined;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  takeReady(): IteratorResult<Uint8Array, undefined> | undefined {
    const value = this.#chunks.shift();
    if (value === undefined) return this.#state === 'ended' ? { done: true, value } : undefined;
    this.#queuedBytes -= value.length;
    if (this.#isPaused && this.#queuedBytes <= highWaterBytes / 2) {
      this.#isPaused = false;
      this.#source.resume();
    }
    return { done: false, value };
  }

  next(): Promise<IteratorResult<Uint8Array, undefined>> {
    const ready = this.takeReady();
    if (ready !== undefined) return Promise.resolve(ready);
    if (this.#state === 'failed') return Promise.reject(this.#error);
    this.#reader = Promise.withResolvers();
    return this.#reader.promise;
  }

  return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.cancel();
    return Promise.resolve({ done: true, value: undefined });
  }

  cancel(): void {
    if (this.#state === 'open') this.#source.cancel();
  }

  discard(): void {
    this.#discardLeft ??= discardBytes - this.#queuedBytes;
    this.#chunks = [];
    this.#queuedBytes = 0;
    if (this.#discardLeft < 0) this.cancel();
    else if (this.#isPaused) {
      this.#isPaused = false;
      this.#source.resume();
    }
  }
}
