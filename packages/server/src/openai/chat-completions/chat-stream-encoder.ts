import type { GenerateEvent } from '@scarmonit/core/ports/model-runtime';
import type { ChatCompletionChunk } from '@scarmonit/protocol/openai/chat-completion';
import type { ErrorBody } from '@scarmonit/protocol/openai/error';
import { toCompletionUsage } from '../../inference/to-usage.ts';
import { doneFrame, frameData } from '../../sse/frame-event.ts';
import type { GenerateEncoder } from '../../sse/generate-encoder.ts';
import { hole, splitTemplate } from '../../sse/split-template.ts';
import { toWireJson } from '../../sse/to-wire-json.ts';
import { type AnswerIdentity, fingerprintOf, toWireLogprobs } from './build-chat-completion.ts';

type Choice = ChatCompletionChunk['choices'][number];

/** Frames a generation as `chat.completion.chunk` events. */
export class ChatStreamEncoder implements GenerateEncoder {
  readonly #base: Omit<ChatCompletionChunk, 'choices'>;
  readonly #includeUsage: boolean;
  readonly #mayCallTools: boolean;
  readonly #beforeText: string;
  readonly #afterText: string;
  #hasRole = false;

  constructor(identity: AnswerIdentity, includeUsage: boolean, mayCallTools: boolean) {
    this.#base = {
      id: identity.id,
      object: 'chat.completion.chunk',
      created: identity.created,
      model: identity.servedBy.model,
      service_tier: 'default',
      system_fingerprint: fingerprintOf(identity.servedBy),
    };
    this.#includeUsage = includeUsage;
    this.#mayCallTools = mayCallTools;
    const [before = '', after = ''] = splitTemplate(this.#chunk({ content: hole }));
    this.#beforeText = `data: ${before}`;
    this.#afterText = `${after}\n\n`;
  }

  encode(event: GenerateEvent): string {
    switch (event.type) {
      case 'start':
        // The first chunk says whether the message has content, which only the next event tells when tools are at hand.
        return this.#mayCallTools ? '' : this.#role('');
      case 'text':
        return this.#role('') + this.#text(event);
      case 'tool-call':
        return this.#role(null) + this.#toolCall(event);
      case 'finish':
        return this.#role('') + this.#finish(event);
    }
  }

  end(): string {
    return doneFrame;
  }

  fail(error: ErrorBody): string {
    return frameData({ error });
  }

  #role(content: '' | null): string {
    if (this.#hasRole) {
      return '';
    }
    this.#hasRole = true;
    return frameData(this.#chunk({ role: 'assistant', content, refusal: null }));
  }

  #text({ text, logprobs }: Extract<GenerateEvent, { type: 'text' }>): string {
    if (logprobs !== undefined) {
      return frameData(this.#chunk({ content: text }, { content: toWireLogprobs(logprobs), refusal: null }));
    }
    return this.#beforeText + toWireJson(text) + this.#afterText;
  }

  #toolCall(event: Extract<GenerateEvent, { type: 'tool-call' }>): string {
    const { index, id, name, argumentsDelta } = event;
    const call =
      id === undefined
        ? { index, function: { arguments: argumentsDelta } }
        : { index, id, type: 'function' as const, function: { name: name ?? '', arguments: argumentsDelta } };
    return frameData(this.#chunk({ tool_calls: [call] }));
  }

  #finish({ reason, usage }: Extract<GenerateEvent, { type: 'finish' }>): string {
    const last = frameData(this.#chunk({}, null, reason));
    if (!this.#includeUsage) {
      return last;
    }
    const figures: ChatCompletionChunk = { ...this.#base, choices: [], usage: toCompletionUsage(usage) };
    return last + frameData(figures);
  }

  #chunk(
    delta: Choice['delta'],
    logprobs: Choice['logprobs'] = null,
    reason: Choice['finish_reason'] = null,
  ): ChatCompletionChunk {
    return {
      ...this.#base,
      choices: [{ index: 0, delta, logprobs, finish_reason: reason }],
      ...(this.#includeUsage ? { usage: null } : {}),
    };
  }
}
