import { ScarmonitError, toErrorData } from '@scarmonit/core/errors/scarmonit-error';
import type { FinishReason, GenerateEvent } from '@scarmonit/core/ports/model-runtime';
import type { SequenceEvaluateOptions, Token } from 'node-llama-cpp';
import type { AnswerForm } from './answer-writer.ts';
import { AnswerWriter } from './answer-writer.ts';
import { EventChannel } from './event-channel.ts';
import type { MadeToken, ModelSequence, TokenStream } from './model-sequence.ts';
import { wholeBlocks } from './model-sequence.ts';
import { leastExactStep, promptBlockTokens } from './prompt-pacer.ts';
import { cancelled } from './sequence-pool.ts';
import type { SteppedRun } from './step-loop.ts';
import { toTokenLogprob } from './token-logprobs.ts';
import type { Vocabulary } from './vocabulary.ts';

/** Everything that a run needs to know about its request. */
export interface RunPlan {
  readonly prompt: readonly Token[];
  /** Most tokens of the answer, by the request and by the room that the prompt leaves. */
  readonly maxTokens: number;
  readonly answer: AnswerForm;
  readonly temperature: number;
  readonly topLogprobs: number | undefined;
  /** Control tokens that are part of the answer's text, because they begin or end calls of tools. */
  readonly shownTokens: ReadonlyMap<Token, Uint8Array>;
  /** Sampling in the binding's terms; `generated` grows with the answer. */
  evaluateOptions(generated: Token[]): SequenceEvaluateOptions;
}

/** One request on its sequence: computes the prompt in pieces, then makes the answer token by token. */
export class TextRun implements SteppedRun {
  readonly events = new EventChannel<GenerateEvent>();
  readonly #plan: RunPlan;
  readonly #sequence: ModelSequence;
  readonly #vocabulary: Vocabulary;
  readonly #onLeft: () => void;
  readonly #writer: AnswerWriter;
  readonly #generated: Token[] = [];
  #computed = 0;
  #cachedTokens: number | undefined;
  #stream: TokenStream | undefined;
  #ended = false;
  #broken = false;

  /** @param onLeft called once when the sequence is free again */
  constructor(plan: RunPlan, sequence: ModelSequence, vocabulary: Vocabulary, onLeft: () => void) {
    this.#plan = plan;
    this.#sequence = sequence;
    this.#vocabulary = vocabulary;
    this.#onLeft = onLeft;
    this.#writer = new AnswerWriter(plan.answer, (event) => this.events.push(event));
    this.events.push({ type: 'start' });
  }

  get position(): number {
    return this.#sequence.position;
  }

  get ended(): boolean {
    return this.#ended;
  }

  get isAnswering(): boolean {
    return this.#stream !== undefined;
  }

  /** Ends the run for its reader at once and for the engine before its next step. */
  cancel(): void {
    this.#ended = true;
    this.events.fail(cancelled());
  }

  async stepPrompt(allowance: number): Promise<number> {
    try {
      return await this.#computePrompt(allowance);
    } catch (error) {
      this.#fail(error);
      return 0;
    }
  }

  async stepAnswer(): Promise<void> {
    try {
      if (this.#stream !== undefined) await this.#makeToken(this.#stream);
    } catch (error) {
      this.#fail(error);
    }
  }

  left(): void {
    void this.#tidyUp().then(this.#onLeft, this.#onLeft);
  }

  async #tidyUp(): Promise<void> {
    await this.#stream?.return?.();
    if (this.#broken) await this.#sequence.clear();
  }

  async #computePrompt(allowance: number): Promise<number> {
    const { prompt } = this.#plan;
    if (this.#cachedTokens === undefined) {
      this.#cachedTokens = await this.#sequence.reuse(prompt);
      this.#computed = this.#cachedTokens;
    }
    const left = prompt.length - this.#computed;
    // What is less than a block goes with the last step: a step of its own would cost nearly as much again.
    if (left >= allowance + promptBlockTokens) {
      const blocks = Math.min(allowance, wholeBlocks(left - leastExactStep));
      await this.#sequence.computeBlocks(prompt.slice(this.#computed, this.#computed + blocks));
      this.#computed += blocks;
      return blocks;
    }
    const rest = prompt.slice(this.#computed);
    const options = this.#plan.evaluateOptions(this.#generated);
    this.#stream = this.#sequence.makeTokens(rest, options, this.#plan.topLogprobs !== undefined);
    await this.#makeToken(this.#stream);
    return rest.length;
  }

  async #makeToken(stream: TokenStream): Promise<void> {
    const result = await stream.next();
    if (this.#ended) return;
    if (result.done === true) this.#finish('stop');
    else this.#take(result.value);
  }

  #take(made: MadeToken): void {
    const { token } = made;
    if (this.#vocabulary.isEnd(token)) {
      this.#finish('stop');
      return;
    }
    this.#generated.push(token);
    const bytes = this.#plan.shownTokens.get(token) ?? this.#vocabulary.bytesOf(token);
    if (this.#writer.write(bytes, this.#logprobOf(made))) this.#finish('stop');
    else if (this.#generated.length >= this.#plan.maxTokens) this.#finish('length');
  }

  #logprobOf({ token, probabilities }: MadeToken): ReturnType<typeof toTokenLogprob> | undefined {
    const { topLogprobs, temperature } = this.#plan;
    if (topLogprobs === undefined || probabilities === undefined) return undefined;
    return toTokenLogprob(token, probabilities, temperature, topLogprobs, (of) => this.#vocabulary.shownBytesOf(of));
  }

  #fail(error: unknown): void {
    this.#broken = true;
    this.#ended = true;
    const reason = toErrorData(error).message;
    this.events.fail(new ScarmonitError('engine_failure', `The engine failed: ${reason}`, { cause: error }));
  }

  #finish(reason: FinishReason): void {
    this.#ended = true;
    this.#writer.finish();
    this.events.push({
      type: 'finish',
      reason: reason === 'stop' && this.#writer.hasCalls ? 'tool_calls' : reason,
      usage: {
        inputTokens: this.#plan.prompt.length,
        outputTokens: this.#generated.length,
        cachedInputTokens: this.#cachedTokens ?? 0,
      },
    });
    this.events.end();
  }
}
