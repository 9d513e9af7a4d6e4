import type { GenerateEvent, TokenLogprob } from '@scarmonit/core/ports/model-runtime';
import type { ErrorBody } from '@scarmonit/protocol/openai/error';
import type { OutputItem, ResponseObject } from '@scarmonit/protocol/openai/response';
import type { GenerateEncoder } from '../../sse/generate-encoder.ts';
import { endResponse, itemStatusAt } from './build-response.ts';
import { EventFramer } from './event-framer.ts';
import { FunctionCallWriter, type ItemWriter, MessageWriter } from './item-writers.ts';

/** What an encoder needs from outside. */
export interface ResponseStreamParts {
  newId(): string;
  /** Seconds since the Unix epoch. */
  nowSeconds(): number;
}

/**
 * Frames a generation as the typed events of `/v1/responses`. One item is open at a time: text opens a message, a new
 * function call closes what was open and opens its own item.
 */
export class ResponseStreamEncoder implements GenerateEncoder {
  readonly #begun: ResponseObject;
  readonly #parts: ResponseStreamParts;
  readonly #framer = new EventFramer();
  readonly #output: OutputItem[] = [];
  #open: ItemWriter | undefined;
  #openCallIndex = -1;
  #hasBegun = false;
  #last = '';

  constructor(begun: ResponseObject, parts: ResponseStreamParts) {
    this.#begun = begun;
    this.#parts = parts;
  }

  encode(event: GenerateEvent): string {
    const begin = this.#begin();
    switch (event.type) {
      case 'start':
        return begin;
      case 'text':
        return begin + this.#text(event.text, event.logprobs);
      case 'tool-call':
        return begin + this.#toolCall(event);
      case 'finish':
        return begin + this.#finish(event);
    }
  }

  end(): string {
    return this.#last;
  }

  fail({ code, message, param }: ErrorBody): string {
    const response: ResponseObject = {
      ...this.#begun,
      status: 'failed',
      error: { code: code ?? 'server_error', message },
      output: this.#output,
    };
    return (
      this.#begin() +
      this.#framer.frame({ type: 'error', code, message, param }) +
      this.#framer.frame({ type: 'response.failed', response })
    );
  }

  #begin(): string {
    if (this.#hasBegun) {
      return '';
    }
    this.#hasBegun = true;
    return (
      this.#framer.frame({ type: 'response.created', response: this.#begun }) +
      this.#framer.frame({ type: 'response.in_progress', response: this.#begun })
    );
  }

  #text(text: string, logprobs: readonly TokenLogprob[] | undefined): string {
    if (this.#open instanceof MessageWriter) {
      return this.#open.write(text, logprobs);
    }
    const closed = this.#close('completed');
    const message = new MessageWriter(`msg_${this.#parts.newId()}`, this.#output.length, this.#framer);
    this.#open = message;
    return closed + message.open() + message.write(text, logprobs);
  }

  #toolCall({ index, id, name, argumentsDelta }: Extract<GenerateEvent, { type: 'tool-call' }>): string {
    if (this.#open instanceof FunctionCallWriter && this.#openCallIndex === index) {
      return this.#open.write(argumentsDelta);
    }
    const closed = this.#close('completed');
    const call = new FunctionCallWriter(
      `fc_${this.#parts.newId()}`,
      id ?? `call_${this.#parts.newId()}`,
      name ?? '',
      this.#output.length,
      this.#framer,
    );
    this.#open = call;
    this.#openCallIndex = index;
    return closed + call.open() + call.write(argumentsDelta);
  }

  #finish({ reason, usage }: Extract<GenerateEvent, { type: 'finish' }>): string {
    // An answer without text or calls still has its (empty) message.
    const opened = this.#open === undefined ? this.#text('', undefined) : '';
    const closed = this.#close(itemStatusAt(reason));
    const response = endResponse(this.#begun, this.#output, reason, usage, this.#parts.nowSeconds());
    const type = response.status === 'incomplete' ? 'response.incomplete' : 'response.completed';
    this.#last = this.#framer.frame({ type, response });
    return opened + closed;
  }

  #close(status: 'completed' | 'incomplete'): string {
    if (this.#open === undefined) {
      return '';
    }
    const { frames, item } = this.#open.close(status);
    this.#output.push(item);
    this.#open = undefined;
    return frames;
  }
}
