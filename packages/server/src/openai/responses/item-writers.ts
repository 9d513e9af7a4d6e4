import type { TokenLogprob } from '@scarmonit/core/ports/model-runtime';
import type { OutputItem, OutputText } from '@scarmonit/protocol/openai/response';
import { hole, splitTemplate } from '../../sse/split-template.ts';
import { toWireJson } from '../../sse/to-wire-json.ts';
import { toWireLogprobs } from '../chat-completions/build-chat-completion.ts';
import { buildFunctionCall, buildMessage } from './build-response.ts';
import type { EventFramer, UnnumberedEvent } from './event-framer.ts';

/** Writes the events of one output item. */
export interface ItemWriter {
  open(): string;
  close(status: 'completed' | 'incomplete'): { readonly frames: string; readonly item: OutputItem };
}

const deltaType = 'response.output_text.delta';

/** Writes a message with one part of text. */
export class MessageWriter implements ItemWriter {
  readonly #at: { readonly item_id: string; readonly output_index: number; readonly content_index: 0 };
  readonly #framer: EventFramer;
  readonly #beforeDelta: string;
  readonly #afterDelta: string;
  readonly #logprobs: TokenLogprob[] = [];
  #text = '';

  constructor(id: string, outputIndex: number, framer: EventFramer) {
    this.#at = { item_id: id, output_index: outputIndex, content_index: 0 };
    this.#framer = framer;
    const delta: UnnumberedEvent = { type: deltaType, ...this.#at, logprobs: [], delta: hole };
    const [before = '', after = ''] = splitTemplate(delta);
    this.#beforeDelta = `event: ${deltaType}\ndata: ${before}`;
    // What follows the text is the closing brace, before which the number goes.
    this.#afterDelta = `${after.slice(0, -1)},"sequence_number":`;
  }

  open(): string {
    const { item_id: id, output_index } = this.#at;
    const item: OutputItem = { id, type: 'message', status: 'in_progress', role: 'assistant', content: [] };
    return (
      this.#framer.frame({ type: 'response.output_item.added', output_index, item }) +
      this.#framer.frame({ type: 'response.content_part.added', ...this.#at, part: this.#part() })
    );
  }

  write(text: string, logprobs: readonly TokenLogprob[] | undefined): string {
    if (text === '' && logprobs === undefined) {
      return '';
    }
    this.#text += text;
    if (logprobs !== undefined) {
      this.#logprobs.push(...logprobs);
      return this.#framer.frame({ type: deltaType, ...this.#at, logprobs: toWireLogprobs(logprobs), delta: text });
    }
    return `${this.#beforeDelta}${toWireJson(text)}${this.#afterDelta}${this.#framer.takeNumber()}}\n\n`;
  }

  close(status: 'completed' | 'incomplete'): { readonly frames: string; readonly item: OutputItem } {
    const { item_id: id, output_index } = this.#at;
    const item = buildMessage(id, this.#text, this.#logprobs, status);
    const part = this.#part();
    return {
      frames:
        this.#framer.frame({
          type: 'response.output_text.done',
          ...this.#at,
          text: this.#text,
          logprobs: part.logprobs,
        }) +
        this.#framer.frame({ type: 'response.content_part.done', ...this.#at, part }) +
        this.#framer.frame({ type: 'response.output_item.done', output_index, item }),
      item,
    };
  }

  #part(): OutputText {
    return { type: 'output_text', text: this.#text, annotations: [], logprobs: toWireLogprobs(this.#logprobs) };
  }
}

/** Writes a call of a function. */
export class FunctionCallWriter implements ItemWriter {
  readonly #id: string;
  readonly #callId: string;
  readonly #name: string;
  readonly #outputIndex: number;
  readonly #framer: EventFramer;
  #arguments = '';

  constructor(id: string, callId: string, name: string, outputIndex: number, framer: EventFramer) {
    this.#id = id;
    this.#callId = callId;
    this.#name = name;
    this.#outputIndex = outputIndex;
    this.#framer = framer;
  }

  open(): string {
    const item = buildFunctionCall(this.#id, this.#callId, this.#name, '', 'in_progress');
    return this.#framer.frame({ type: 'response.output_item.added', output_index: this.#outputIndex, item });
  }

  write(delta: string): string {
    if (delta === '') {
      return '';
    }
    this.#arguments += delta;
    return this.#framer.frame({
      type: 'response.function_call_arguments.delta',
      item_id: this.#id,
      output_index: this.#outputIndex,
      delta,
    });
  }

  close(status: 'completed' | 'incomplete'): { readonly frames: string; readonly item: OutputItem } {
    const item = buildFunctionCall(this.#id, this.#callId, this.#name, this.#arguments, status);
    return {
      frames:
        this.#framer.frame({
          type: 'response.function_call_arguments.done',
          item_id: this.#id,
          output_index: this.#outputIndex,
          name: this.#name,
          arguments: this.#arguments,
        }) + this.#framer.frame({ type: 'response.output_item.done', output_index: this.#outputIndex, item }),
      item,
    };
  }
}
