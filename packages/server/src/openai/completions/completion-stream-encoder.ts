import type { GenerateEvent } from '@scarmonit/core/ports/model-runtime';
import type { Completion } from '@scarmonit/protocol/openai/completion';
import type { ErrorBody } from '@scarmonit/protocol/openai/error';
import { toCompletionUsage } from '../../inference/to-usage.ts';
import { doneFrame, frameData } from '../../sse/frame-event.ts';
import type { GenerateEncoder } from '../../sse/generate-encoder.ts';
import { hole, splitTemplate } from '../../sse/split-template.ts';
import { toWireJson } from '../../sse/to-wire-json.ts';
import { type AnswerIdentity, fingerprintOf } from '../chat-completions/build-chat-completion.ts';
import { toColumns, toCompletionReason } from './build-completion.ts';

type Choice = Completion['choices'][number];

/** Frames a generation as `text_completion` events. */
export class CompletionStreamEncoder implements GenerateEncoder {
  readonly #base: Omit<Completion, 'choices' | 'usage'>;
  readonly #includeUsage: boolean;
  readonly #beforeText: string;
  readonly #afterText: string;
  #echo: string;
  #textChars = 0;

  /** @param echo the prompt, where the request wants it back before the answer */
  constructor({ id, created, servedBy }: AnswerIdentity, includeUsage: boolean, echo: string) {
    this.#base = {
      id,
      object: 'text_completion',
      created,
      model: servedBy.model,
      system_fingerprint: fingerprintOf(servedBy),
    };
    this.#includeUsage = includeUsage;
    this.#echo = echo;
    const [before = '', after = ''] = splitTemplate(this.#chunk(hole, null, null));
    this.#beforeText = `data: ${before}`;
    this.#afterText = `${after}\n\n`;
  }

  encode(event: GenerateEvent): string {
    switch (event.type) {
      case 'start':
        return this.#echoed();
      case 'text':
        return this.#echoed() + this.#text(event);
      case 'tool-call':
        return '';
      case 'finish':
        return this.#echoed() + this.#finish(event);
    }
  }

  end(): string {
    return doneFrame;
  }

  fail(error: ErrorBody): string {
    return frameData({ error });
  }

  #echoed(): string {
    const echo = this.#echo;
    this.#echo = '';
    return echo === '' ? '' : this.#plain(echo);
  }

  #text({ text, logprobs }: Extract<GenerateEvent, { type: 'text' }>): string {
    const offset = this.#textChars;
    this.#textChars += text.length;
    return logprobs === undefined ? this.#plain(text) : frameData(this.#chunk(text, toColumns(logprobs, offset), null));
  }

  #plain(text: string): string {
    return this.#beforeText + toWireJson(text) + this.#afterText;
  }

  #finish({ reason, usage }: Extract<GenerateEvent, { type: 'finish' }>): string {
    const last = frameData(this.#chunk('', null, toCompletionReason(reason)));
    if (!this.#includeUsage) {
      return last;
    }
    const figures: Completion = { ...this.#base, choices: [], usage: toCompletionUsage(usage) };
    return last + frameData(figures);
  }

  #chunk(text: string, logprobs: Choice['logprobs'], reason: Choice['finish_reason']): Completion {
    return {
      ...this.#base,
      choices: [{ text, index: 0, logprobs, finish_reason: reason }],
      ...(this.#includeUsage ? { usage: null } : {}),
    };
  }
}
