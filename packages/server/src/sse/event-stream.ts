import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import type { GenerateEvent, Usage } from '@scarmonit/core/ports/model-runtime';
import { toPublicError } from '../errors/to-public-error.ts';
import type { GenerateEncoder } from './generate-encoder.ts';

/** Who started a stream and must hear of its end. */
export interface StreamOwner {
  /** Called once: with the exact usage, or what is known of a stream that was cut short. */
  settle(usedTokens: number): void;
  /** Tokens reserved for the input, which a client that leaves has used. */
  readonly estimatedTokens: number;
  /** Stops the work when the client leaves. */
  readonly left: AbortController;
  report(error: unknown): void;
}

/** What is ready at once goes out in one write, up to this many characters. */
const maxWriteChars = 64 * 1024;

/**
 * How many turns of the microtask queue an event may need to count as ready. A value that is there passes each
 * async generator between the engine and this stream in a few turns; nothing that waits for I/O arrives within them.
 */
const maxReadyTurns = 24;

const utf8 = new TextEncoder();

/**
 * The source of a streamed answer's `ReadableStream`. Pulls: an event is asked for only when the client reads, and at most one is held.
 * A failure becomes an in-band error and the end; a cancelled stream stops the work at once, also between events.
 */
export class EventStream {
  readonly #events: AsyncIterator<GenerateEvent>;
  readonly #encoder: GenerateEncoder;
  readonly #owner: StreamOwner;
  #pending: Promise<IteratorResult<GenerateEvent>> | undefined;
  #pendingIsReady = false;
  #usage: Usage | undefined;
  #pieces = 0;
  #closed = false;

  constructor(events: AsyncIterable<GenerateEvent>, encoder: GenerateEncoder, owner: StreamOwner) {
    this.#events = events[Symbol.asyncIterator]();
    this.#encoder = encoder;
    this.#owner = owner;
  }

  async pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    let text = '';
    let ended = false;
    try {
      do {
        const next = await this.#take();
        ended = next.done === true;
        text += ended ? this.#end() : this.#encode(next.value);
      } while (!ended && (text === '' || (text.length < maxWriteChars && (await this.#isNextReady()))));
    } catch (error) {
      ended = true;
      text += this.#fail(error);
    }
    if (this.#closed) {
      return;
    }
    controller.enqueue(utf8.encode(text));
    if (ended) {
      this.#closed = true;
      controller.close();
    }
  }

  async cancel(): Promise<void> {
    if (this.#closed) {
      return;
    }
    this.#closed = true;
    this.#owner.left.abort();
    this.#owner.settle(this.#knownTokens());
    try {
      await this.#events.return?.();
    } catch {
      // The client has left: how the work ended is recorded by the service, and nobody is here to be told.
    }
  }

  #take(): Promise<IteratorResult<GenerateEvent>> {
    const pending = this.#pending;
    this.#pending = undefined;
    return pending ?? this.#events.next();
  }

  async #isNextReady(): Promise<boolean> {
    this.#pendingIsReady = false;
    this.#pending = this.#events.next();
    this.#pending.then(this.#markReady, this.#markReady);
    for (let turn = 0; turn < maxReadyTurns && !this.#pendingIsReady; turn += 1) {
      await undefined;
    }
    return this.#pendingIsReady;
  }

  readonly #markReady = (): void => {
    this.#pendingIsReady = true;
  };

  #encode(event: GenerateEvent): string {
    if (event.type === 'finish') {
      this.#usage = event.usage;
    } else if (event.type !== 'start') {
      this.#pieces += 1;
    }
    return this.#encoder.encode(event);
  }

  #end(): string {
    if (this.#usage === undefined) {
      throw new ScarmonitError('engine_failure', 'The model stopped before its answer was complete. Try again.');
    }
    this.#owner.settle(this.#knownTokens());
    return this.#encoder.end();
  }

  #fail(error: unknown): string {
    if (this.#closed) {
      return '';
    }
    this.#owner.settle(this.#knownTokens());
    const { status, body } = toPublicError(error);
    if (status >= 500) {
      this.#owner.report(error);
    }
    return this.#encoder.fail(body);
  }

  /** Each piece of text is one token at least. */
  #knownTokens(): number {
    return this.#usage === undefined
      ? this.#owner.estimatedTokens + this.#pieces
      : this.#usage.inputTokens + this.#usage.outputTokens;
  }
}
