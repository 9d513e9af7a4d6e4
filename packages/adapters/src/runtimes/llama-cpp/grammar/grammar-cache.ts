import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import type { Llama, LlamaModel } from 'node-llama-cpp';
import { LlamaGrammar, LlamaGrammarEvaluationState } from 'node-llama-cpp';

/**
 * Keeps the grammars that were used last, ready to start: building one takes milliseconds on the thread that serves
 * everybody, and clients repeat their schemas.
 */
export class GrammarCache {
  readonly #llama: Llama;
  readonly #model: LlamaModel;
  readonly #limit: number;
  /** The longest unused first. */
  readonly #states = new Map<string, LlamaGrammarEvaluationState>();

  constructor(llama: Llama, model: LlamaModel, limit = 32) {
    this.#llama = llama;
    this.#model = model;
    this.#limit = limit;
  }

  /**
   * A grammar at its beginning, for one request.
   * @throws ScarmonitError `unsupported` when llama.cpp refuses the grammar, such as one that begins with itself
   */
  start(grammar: string): LlamaGrammarEvaluationState {
    const state = this.#states.get(grammar) ?? this.#build(grammar);
    this.#states.delete(grammar);
    this.#states.set(grammar, state);
    for (const oldest of this.#states.keys()) {
      if (this.#states.size <= this.#limit) break;
      this.#states.delete(oldest);
    }
    return state.clone();
  }

  #build(grammar: string): LlamaGrammarEvaluationState {
    try {
      const built = new LlamaGrammar(this.#llama, { grammar });
      return new LlamaGrammarEvaluationState({ model: this.#model, grammar: built });
    } catch (error) {
      throw new ScarmonitError('unsupported', 'The JSON Schema is too complex for this engine to enforce.', {
        param: 'response_format.json_schema.schema',
        cause: error,
      });
    }
  }
}
