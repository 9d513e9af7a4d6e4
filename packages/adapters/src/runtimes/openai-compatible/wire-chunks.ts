import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import type { CancelSignal } from '@scarmonit/core/ports/cancel-signal';
import type { HttpBody } from '@scarmonit/core/ports/http-transport';
import type { ReadyIterator, WireChunk } from '@scarmonit/core/ports/model-runtime';
import { EventStreamParser, type ServerSentEvent } from '@scarmonit/core/sse/event-stream-parser';
import { abortError, brokeOff, explainTransport, malformed } from './explain-transport.ts';
import { readErrorBody } from './read-error-body.ts';
import type { Rewritten } from './rewrite-chunk.ts';
import { UpstreamFailure } from './upstream-failure.ts';

export interface WireChunksParts {
  readonly body: HttpBody;
  readonly signal: CancelSignal;
  rewrite(data: string): Rewritten;
  /** Makes the upstream's words public. */
  clean(message: string): string;
  /** Whether text shows what a client must not see. */
  holdsSecret(text: string): boolean;
}

/** How a stream ended. */
export type StreamEnd = 'done' | 'cancelled' | UpstreamFailure | ScarmonitError;

/** The finish may be followed by usage, and with several choices by others; further back it need not be looked for. */
const lookBack = 4;

/**
 * The chunks of one upstream's stream. It ends well after `[DONE]`, or, from upstreams that send none, when the connection
 * ends properly after a finish reason; any other end is thrown.
 *
 * Written as an iterator and not as a generator: `return()` must reach the connection while `next()` waits for it.
 */
export class WireChunks implements AsyncIterableIterator<WireChunk> {
  readonly #parts: WireChunksParts;
  readonly #bytes: ReadyIterator<Uint8Array>;
  readonly #parser = new EventStreamParser();
  #ready: WireChunk[] = [];
  #nextReady = 0;
  #recent: string[] = [];
  #end: StreamEnd | undefined;
  #onEnd: ((end: StreamEnd) => void)[] = [];
  /** A reader who is gone never sees that the bytes ended; what is counted must end all the same. */
  readonly #onAbort = () => this.#finish(abortError(this.#parts.signal));

  constructor(parts: WireChunksParts) {
    this.#parts = parts;
    this.#bytes = parts.body[Symbol.asyncIterator]();
    parts.signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  /**
   * Waits for the first chunk, or for an end without any.
   * @throws what ended the stream before its first chunk
   */
  async prime(): Promise<void> {
    if (!(await this.#fill()) && typeof this.#end === 'object') throw this.#end;
  }

  /** Each listener is called once when the upstream has ended, well or not; at once if it has already. */
  onEnd(listener: (end: StreamEnd) => void): void {
    if (this.#end === undefined) this.#onEnd.push(listener);
    else listener(this.#end);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<WireChunk, undefined>> {
    if (this.#nextReady === this.#ready.length && !(await this.#fill())) {
      if (this.#end instanceof UpstreamFailure) throw this.#end.error;
      if (this.#end instanceof ScarmonitError) throw this.#end;
      return { done: true, value: undefined };
    }
    const value = this.#ready[this.#nextReady];
    this.#nextReady += 1;
    return value === undefined ? { done: true, value } : { done: false, value };
  }

  /** As `ReadyIterator.takeReady`. */
  takeReady(): IteratorResult<WireChunk, undefined> | undefined {
    while (this.#nextReady === this.#ready.length && this.#end === undefined) {
      const piece = this.#bytes.takeReady?.();
      if (piece === undefined || piece.done === true) return undefined;
      this.#ready = [];
      this.#nextReady = 0;
      this.#parse(piece.value);
    }
    const value = this.#ready[this.#nextReady];
    if (value !== undefined) {
      this.#nextReady += 1;
      return { done: false, value };
    }
    return this.#end === 'done' ? { done: true, value } : undefined;
  }

  async return(): Promise<IteratorResult<WireChunk, undefined>> {
    this.#ready = [];
    this.#nextReady = 0;
    if (this.#end === undefined) {
      this.#parts.body.cancel();
      this.#finish('cancelled');
    }
    return { done: true, value: undefined };
  }

  /** @returns false when no chunk will come any more */
  async #fill(): Promise<boolean> {
    this.#ready = [];
    this.#nextReady = 0;
    while (this.#end === undefined) {
      await this.#read();
      if (this.#ready.length > 0) return true;
    }
    return false;
  }

  async #read(): Promise<void> {
    try {
      const { done, value } = await this.#bytes.next();
      if (this.#end !== undefined) return;
      if (done === true) {
        this.#finish(this.#hasFinished() ? 'done' : brokeOff());
        return;
      }
      this.#parse(value);
    } catch (error) {
      this.#break(error);
    }
  }

  #parse(bytes: Uint8Array): void {
    try {
      for (const event of this.#parser.push(bytes)) {
        this.#take(event);
        if (this.#end !== undefined) return;
      }
    } catch (error) {
      this.#break(error);
    }
  }

  #break(error: unknown): void {
    this.#parts.body.cancel();
    this.#finish(explainTransport(error, this.#parts.signal));
  }

  #take({ event, data }: ServerSentEvent): void {
    if (data === '[DONE]') {
      // The end of the body follows at once; reading it keeps the connection.
      this.#parts.body.discard();
      this.#finish('done');
      return;
    }
    const rewritten = this.#parts.rewrite(data);
    if (event !== 'error' && rewritten.kind === 'chunk') {
      this.#ready.push(rewritten.chunk);
      this.#recent.push(data);
      if (this.#recent.length > lookBack) this.#recent.shift();
      return;
    }
    this.#parts.body.cancel();
    this.#finish(
      rewritten.kind === 'malformed' && event !== 'error'
        ? malformed('The upstream sent a chunk that is not JSON.')
        : this.#explainError(data),
    );
  }

  #explainError(data: string): UpstreamFailure {
    const { message, code } = readErrorBody(data, this.#parts.holdsSecret);
    // As with a status of failure: what the upstream says may repeat the prompt, and failures are logged.
    const error = new ScarmonitError('engine_failure', 'The upstream ended its answer with an error.', {
      code: code ?? 'upstream_error',
      cause: this.#parts.clean(message ?? data),
    });
    return new UpstreamFailure(error, { retry: 'anywhere', isTargetsFault: true });
  }

  #hasFinished(): boolean {
    return this.#recent.some((data) => /"finish_reason"\s*:\s*"/.test(data));
  }

  #finish(end: StreamEnd): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    this.#recent = [];
    this.#parts.signal.removeEventListener('abort', this.#onAbort);
    for (const listener of this.#onEnd.splice(0)) listener(end);
  }
}
