import type { FinishReason, GenerateEvent, GenerateRequest, Usage } from '@scarmonit/core/ports/model-runtime';
import { isMapping, parseObject } from '@scarmonit/core/upstream/parse-object';
import { readUsage } from '@scarmonit/core/upstream/read-usage';
import { malformed } from '@scarmonit/core/upstream/transport-failures';
import { estimateTokens } from './estimate-tokens.ts';
import { type RefusalBody, readRefusal } from './read-refusal.ts';
import { StopCutter } from './stop-cutter.ts';
import { ToolCallReader } from './tool-call-reader.ts';

export interface AnswerReaderParts {
  readonly request: GenerateRequest;
  newCallId(): string;
  /** Makes an error of what the platform says in the middle of its answer. */
  explain(refusal: RefusalBody): Error;
}

const reasons: Readonly<Record<string, FinishReason>> = {
  stop: 'stop',
  length: 'length',
  model_length: 'length',
  tool_calls: 'tool_calls',
  function_call: 'tool_calls',
  content_filter: 'content_filter',
};

/**
 * Reads a text generation's answer, whole or frame by frame, in both of the platform's formats, which share one endpoint:
 * its own (`{response, tool_calls, usage}`) and OpenAI's (`{choices: [{delta, finish_reason}], usage}`).
 */
export class AnswerReader {
  readonly #parts: AnswerReaderParts;
  readonly #cutter: StopCutter;
  readonly #toolCalls: ToolCallReader;
  #reason: FinishReason | undefined;
  #usage: Usage | undefined;
  #writtenCharacters = 0;

  constructor(parts: AnswerReaderParts) {
    const { stop, parallelToolCalls } = parts.request;
    this.#parts = parts;
    this.#cutter = new StopCutter(stop);
    this.#toolCalls = new ToolCallReader(() => parts.newCallId(), parallelToolCalls === false);
  }

  /** Whether the platform has said why the answer ends. */
  get hasReason(): boolean {
    return this.#reason !== undefined;
  }

  /** Whether the answer has reached a stop sequence: the rest of it is of no interest. */
  get isCut(): boolean {
    return this.#cutter.isCut;
  }

  /** @param data of one event, other than `[DONE]` @throws ScarmonitError for what is no frame, and for an error within */
  takeFrame(data: string): GenerateEvent[] {
    const frame = parseObject(data);
    if (frame === undefined) throw malformed('Workers AI sent a chunk that is not JSON.');
    return this.#take(frame);
  }

  /** @param result of a call without streaming @throws ScarmonitError for what is no result, and for an error within */
  takeResult(result: unknown): GenerateEvent[] {
    const whole = typeof result === 'string' ? { response: result } : result;
    if (!isMapping(whole)) throw malformed('Workers AI sent an answer that is no text.');
    return this.#take(whole);
  }

  /** What is left to say when the answer is complete. */
  finish(): GenerateEvent[] {
    const rest = this.#cutter.end();
    const usage = this.#usage ?? this.#estimateUsage();
    const finish: GenerateEvent = { type: 'finish', reason: this.#decideReason(usage), usage };
    return rest === '' ? [finish] : [{ type: 'text', text: rest }, finish];
  }

  #take(frame: Readonly<Record<string, unknown>>): GenerateEvent[] {
    const refusal = readRefusal(frame);
    if (refusal !== undefined) throw this.#parts.explain(refusal);
    this.#usage = readUsage(frame['usage']) ?? this.#usage;
    const choice: unknown = Array.isArray(frame['choices']) ? frame['choices'][0] : undefined;
    const { delta, message, finish_reason: reason, text } = isMapping(choice) ? choice : {};
    const said = isMapping(delta) ? delta : isMapping(message) ? message : {};
    this.#noteReason(reason ?? frame['finish_reason']);
    const own = frame['response'];
    const written = own === undefined || own === null || own === '' ? (said['content'] ?? text) : own;
    return [...this.#write(written), ...this.#toolCalls.read(frame['tool_calls'] ?? said['tool_calls'])];
  }

  /** JSON mode answers with an object, and some models write a number as a number. */
  #write(written: unknown): GenerateEvent[] {
    if (written === undefined || written === null) return [];
    const all = typeof written === 'string' ? written : JSON.stringify(written);
    this.#writtenCharacters += all.length;
    const text = this.#cutter.push(all);
    return text === '' ? [] : [{ type: 'text', text }];
  }

  #noteReason(reason: unknown): void {
    if (typeof reason === 'string' && reason !== '') this.#reason = reasons[reason] ?? 'stop';
  }

  /** The platform's own format gives no reason. */
  #decideReason({ outputTokens }: Usage): FinishReason {
    if (this.isCut) return 'stop';
    const reason = this.#reason ?? (outputTokens >= this.#parts.request.maxTokens ? 'length' : 'stop');
    return this.#toolCalls.count > 0 && reason === 'stop' ? 'tool_calls' : reason;
  }

  /** For models that report none, and for answers that are cut before they do. */
  #estimateUsage(): Usage {
    const { input } = this.#parts.request;
    const asked =
      input.kind === 'messages'
        ? input.messages.map(({ content }) => content)
        : [input.kind === 'text' ? input.text : ''];
    return { inputTokens: estimateTokens(asked), outputTokens: Math.ceil(this.#writtenCharacters / 4) };
  }
}
