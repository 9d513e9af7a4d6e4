import type { LlamaContextSequence, SequenceEvaluateOptions, Token } from 'node-llama-cpp';
import { largestExactStep, leastExactStep, promptBlockTokens } from './prompt-pacer.ts';
import type { PooledSequence } from './sequence-pool.ts';

/** A token that was made, with the probabilities of its rivals where they were asked for. */
export interface MadeToken {
  readonly token: Token;
  readonly probabilities?: ReadonlyMap<Token, number>;
}

export type TokenStream = AsyncIterator<MadeToken, void, Token>;

/** One of the context's sequences: computes tokens after each other and remembers them for the next request. */
export class ModelSequence implements PooledSequence {
  readonly position: number;
  readonly #sequence: LlamaContextSequence;
  /** How many of its first tokens, in whole blocks, were computed in steps that round alike. */
  #blockTokens = 0;

  /** @param position its place in the context: 0 for the first sequence that the context gave out */
  constructor(sequence: LlamaContextSequence, position: number) {
    this.position = position;
    this.#sequence = sequence;
  }

  /** How many of the first tokens, in whole blocks, it has computed. Enough are always left for an exact last step. */
  sharedPrefixLength(tokens: readonly Token[]): number {
    const same = this.#sequence.compareContextTokens(tokens.slice(0, -leastExactStep)).firstDifferentIndex;
    return wholeBlocks(Math.min(same, this.#blockTokens));
  }

  /**
   * Forgets what does not belong to this prompt.
   * @returns how many of its first tokens are computed already
   */
  async reuse(tokens: readonly Token[]): Promise<number> {
    await this.#sequence.adaptStateToTokens(tokens.slice(0, this.sharedPrefixLength(tokens)), false);
    this.#blockTokens = this.#sequence.nextTokenIndex;
    return this.#blockTokens;
  }

  /** Computes whole blocks of a prompt without making a token. */
  async computeBlocks(tokens: readonly Token[]): Promise<void> {
    await this.#sequence.evaluateWithoutGeneratingNewTokens([...tokens]);
    this.#blockTokens += tokens.length;
  }

  /**
   * Computes the rest of a prompt and then makes one token a call of `next`. The stream has to be ended with `return`.
   */
  makeTokens(rest: readonly Token[], options: SequenceEvaluateOptions, withProbabilities: boolean): TokenStream {
    if (rest.length >= leastExactStep && rest.length <= largestExactStep) {
      this.#blockTokens = wholeBlocks(this.#blockTokens + rest.length);
    }
    return this.#sequence.evaluateWithMetadata([...rest], { probabilities: withProbabilities }, options);
  }

  /** Forgets everything, after a failure that may have left it in the middle of something. */
  async clear(): Promise<void> {
    this.#blockTokens = 0;
    await this.#sequence.clearHistory();
  }
}

/** The largest number of tokens up to `tokens` that fills whole blocks. */
export function wholeBlocks(tokens: number): number {
  return tokens - (tokens % promptBlockTokens);
}
