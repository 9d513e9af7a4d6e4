import type { ReadyIterator, Usage } from '@scarmonit/core/ports/model-runtime';
import type { ErrorBody } from '@scarmonit/protocol/openai/error';
import { toPublicError } from '../errors/to-public-error.ts';
import type { PiecewiseBody } from '../http/answer.ts';

/** Who started a stream and must hear of its end. */
export interface StreamOwner {
  /** Called once: with the exact usage, or what is known of a stream that was cut short. */
  settle(usedTokens: number): void;
  /** Tokens reserved for the input, which a client that leaves has used. */
  readonly estimatedTokens: number;
  report(error: unknown): void;
}

/** What is ready at once goes out in one write, up to this many characters. */
const maxWriteChars = 64 * 1024;

/**
 * How many turns of the microtask queue an event may need to count as ready. A value that is there passes each
 * async generator between the engine and this stream in a few turns; nothing that waits for I/O arrives within them.
 */
const maxReadyTurns = 24;

/**
 * The body of a streamed answer. Pulls: an event is asked for only when the client reads, and at most one is held.
 * A failure becomes an in-band error and the end; a cancelled stream ends the iteration at once, also between events,
 * which stops the work.
 */
export abstract class EventStream<T> implements PiecewiseBody {
  /** Exact, once an event has told it. */
  protected usage: Usage | undefined;
  /** Pieces of the answer so far; each is one token at least. */
  protected pieces = 0;
  readonly #events: ReadyIterator<T>;
  readonly #owner: StreamOwner;
  #pending: Promise<IteratorResult<T>> | undefined;
  #pendingIsReady = false;
  #closed = false;

  constructor(events: AsyncIterable<T>, owner: StreamOwner) {
    this.#events = events[Symbol.asyncIterator]();
    this.#owner = owner;
  }

  /** Counts an event and gives its frames; empty when it shows nothing. */
  protected abstract encode(event: T): string;
  /** The frames after the last event. @throws ScarmonitError when the answer is not complete */
  protected abstract end(): string;
  /** The frames of a stream that breaks. Nothing follows them. */
  protected abstract fail(error: ErrorBody): string;

  get ended(): boolean {
    return this.#closed;
  }

  async read(): Promise<string> {
    let text = '';
    let ended = false;
    try {
      do {
        let next: IteratorResult<T> | undefined = await this.#take();
        while (next !== undefined) {
          ended = next.done === true;
          text += next.done === true ? this.#end() : this.encode(next.value);
          next = ended || text.length >= maxWriteChars ? undefined : this.#events.takeReady?.();
        }
      } while (!ended && (text === '' || (text.length < maxWriteChars && (await this.#isNextReady()))));
    } catch (error) {
      ended = true;
      text += this.#fail(error);
    }
    if (this.#closed) {
      return '';
    }
    this.#closed = ended;
    return text;
  }

  async cancel(): Promise<void> {
    if (this.#closed) {
      return;
    }
    this.#closed = true;
    this.#owner.settle(this.#knownTokens());
    try {
      await this.#events.return?.();
    } catch {
      // The client has left: how the work ended is recorded by the service, and nobody is here to be told.
    }
  }

  #take(): Promise<IteratorResult<T>> {
    const pending = this.#pending;
    this.#pending = undefined;
    return pending ?? this.#events.next();
  }

  async #isNextReady(): Promise<boolean> {
    // It would have said so.
    if (this.#events.takeReady !== undefined) return false;
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

  #end(): string {
    const frames = this.end();
    this.#owner.settle(this.#knownTokens());
    return frames;
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
    return this.fail(body);
  }

  #knownTokens(): number {
    return this.usage === undefined
      ? this.#owner.estimatedTokens + this.pieces
      : this.usage.inputTokens + this.usage.outputTokens;
  }
}
