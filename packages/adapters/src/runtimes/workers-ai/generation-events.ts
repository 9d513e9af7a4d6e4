import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import type { GenerateEvent, RequestContext } from '@scarmonit/core/ports/model-runtime';
import { EventStreamParser } from '@scarmonit/core/sse/event-stream-parser';
import { Utf8Decoder } from '@scarmonit/core/sse/utf8-decoder';
import { abortError, brokeOff, explainFailure, malformed } from '@scarmonit/core/upstream/transport-failures';
import type { AnswerReader } from './answer-reader.ts';
import type { ModelAnswer } from './carrier.ts';

export interface GenerationParts {
  readonly context: RequestContext;
  readonly reader: AnswerReader;
  /** Asks the platform. */
  open(signal: AbortSignal): Promise<ModelAnswer>;
  /** @returns what must be called when the request has ended @throws ScarmonitError when it may not begin */
  enter(): () => void;
}

const openingBrace = 0x7b;
const longestWholeAnswer = 4 * 1024 * 1024;

type Stream = Extract<ModelAnswer, { readonly kind: 'stream' }>['body'];

/**
 * A generation: `start`, the platform's frames as events, and `finish`. A stream that ends without `[DONE]` and without a
 * finish reason was cut off, and ends with an error.
 *
 * Written as an iterator and not as a generator: `return()` must reach the platform while `next()` waits for it.
 */
export class GenerationEvents implements AsyncIterableIterator<GenerateEvent> {
  readonly #parts: GenerationParts;
  readonly #abort = new AbortController();
  readonly #signal: AbortSignal;
  readonly #parser = new EventStreamParser();
  readonly #decoder = new Utf8Decoder();
  #isFirstPiece = true;
  /** The binding hands on whatever body it got for a stream: that of a model that does not stream, or an error. */
  #wholeAnswer: string | undefined;
  #leave: (() => void) | undefined;
  #opened: Promise<void> | undefined;
  #body: Stream | undefined;
  #bytes: AsyncIterator<Uint8Array> | undefined;
  #ready: GenerateEvent[] = [];
  #isDone = false;
  /** A reader who is gone asks no more, and what is counted must end all the same. */
  readonly #onAbort = () => this.#end();

  constructor(parts: GenerationParts) {
    this.#parts = parts;
    this.#signal = AbortSignal.any([parts.context.signal, this.#abort.signal]);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<GenerateEvent, undefined>> {
    try {
      // `start` means that the work has left the queue, so the platform is asked first.
      this.#opened ??= this.#open();
      await this.#opened;
      for (;;) {
        const event = this.#ready.shift();
        if (event !== undefined) return { done: false, value: event };
        if (this.#signal.aborted) throw abortError(this.#signal);
        if (this.#isDone) return { done: true, value: undefined };
        await this.#read();
      }
    } catch (error) {
      this.#body?.cancel();
      this.#end();
      throw explainFailure(error, this.#signal);
    }
  }

  async return(): Promise<IteratorResult<GenerateEvent, undefined>> {
    this.#ready = [];
    if (!this.#isDone) this.#abort.abort(new ScarmonitError('cancelled', 'The reader has left.'));
    this.#body?.cancel();
    this.#end();
    return { done: true, value: undefined };
  }

  async #open(): Promise<void> {
    this.#leave = this.#parts.enter();
    this.#signal.addEventListener('abort', this.#onAbort, { once: true });
    const answer = await this.#parts.open(this.#signal);
    this.#ready.push({ type: 'start' });
    if (answer.kind === 'result') {
      this.#ready.push(...this.#parts.reader.takeResult(answer.result));
      this.#finish();
    } else {
      this.#body = answer.body;
      this.#bytes = answer.body[Symbol.asyncIterator]();
    }
  }

  async #read(): Promise<void> {
    const { reader } = this.#parts;
    const piece = await this.#bytes?.next();
    if (piece === undefined || piece.done === true) {
      if (this.#wholeAnswer !== undefined) this.#ready.push(...reader.takeFrame(this.#wholeAnswer));
      else if (!reader.hasReason) throw brokeOff();
      this.#finish();
      return;
    }
    if (this.#isFirstPiece && piece.value[0] === openingBrace) this.#wholeAnswer = '';
    this.#isFirstPiece = false;
    if (this.#wholeAnswer !== undefined) {
      this.#wholeAnswer += this.#decoder.decode(piece.value);
      if (this.#wholeAnswer.length > longestWholeAnswer)
        throw malformed('Workers AI sent an answer that is too large.');
      return;
    }
    for (const { data } of this.#parser.push(piece.value)) {
      if (data === '[DONE]') {
        // The end of the body follows at once; reading it keeps the connection.
        this.#body?.discard();
        this.#finish();
        return;
      }
      if (data === '') continue;
      this.#ready.push(...reader.takeFrame(data));
      if (!reader.isCut) continue;
      this.#body?.cancel();
      this.#finish();
      return;
    }
  }

  #finish(): void {
    this.#ready.push(...this.#parts.reader.finish());
    this.#end();
  }

  #end(): void {
    this.#isDone = true;
    this.#signal.removeEventListener('abort', this.#onAbort);
    this.#leave?.();
  }
}
