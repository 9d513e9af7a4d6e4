import type {
  FinishReason,
  GenerateEvent,
  GenerateRequest,
  LoadedVersion,
  RequestContext,
  Usage,
  WireChunk,
} from '@scarmonit/core/ports/model-runtime';
import { abortError, malformed } from './explain-transport.ts';
import { readChunk } from './read-chunk.ts';
import { toWireRequest } from './to-wire-request.ts';

type Forward = NonNullable<LoadedVersion['forward']>;

/**
 * A generation by the wire: `start`, the upstream's chunks as events, and `finish` with the usage that came last.
 *
 * Written as an iterator and not as a generator: `return()` must reach the upstream while `next()` waits for it.
 */
export class GenerationEvents implements AsyncIterableIterator<GenerateEvent> {
  readonly #abort = new AbortController();
  readonly #open: () => Promise<AsyncIterator<WireChunk>>;
  #chunks: Promise<AsyncIterator<WireChunk>> | undefined;
  #ready: GenerateEvent[] = [{ type: 'start' }];
  #reason: FinishReason = 'stop';
  #usage: Usage = { inputTokens: 0, outputTokens: 0 };
  #isDone = false;

  constructor(forward: Forward, publicModel: string, request: GenerateRequest, context: RequestContext) {
    const signal = AbortSignal.any([context.signal, this.#abort.signal]);
    this.#open = async () => {
      const answer = await forward(toWireRequest(request, publicModel), { ...context, signal });
      if (answer.kind !== 'stream') throw malformed('The upstream was asked for a stream and sent none.').error;
      return answer.chunks[Symbol.asyncIterator]();
    };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<GenerateEvent, undefined>> {
    for (;;) {
      // The upstream is asked before `start` is told, since `start` means that the work has left the queue.
      this.#chunks ??= this.#open();
      const chunks = await this.#chunks;
      const event = this.#ready.shift();
      if (event !== undefined) return { done: false, value: event };
      if (this.#isDone) return { done: true, value: undefined };
      const { done, value } = await chunks.next();
      if (this.#abort.signal.aborted) throw abortError(this.#abort.signal);
      if (done === true) {
        this.#isDone = true;
        this.#ready.push({ type: 'finish', reason: this.#reason, usage: this.#usage });
      } else this.#take(value);
    }
  }

  async return(): Promise<IteratorResult<GenerateEvent, undefined>> {
    this.#ready = [];
    this.#isDone = true;
    this.#abort.abort();
    // Where the upstream has not answered yet, aborting made it fail, and whoever called `next` has the error.
    const chunks = await this.#chunks?.catch(() => undefined);
    await chunks?.return?.();
    return { done: true, value: undefined };
  }

  #take({ text, usage }: WireChunk): void {
    if (usage !== undefined) this.#usage = usage;
    if (text === undefined) return;
    const { events, reason } = readChunk(text);
    if (reason !== undefined) this.#reason = reason;
    this.#ready.push(...events);
  }
}
