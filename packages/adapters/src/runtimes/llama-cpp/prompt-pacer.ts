/**
 * Steps end at multiples of this many tokens, counted from the beginning of the prompt, and only whole blocks are reused by
 * later requests. llama.cpp rounds differently for few tokens at once (less than 8 or so, by the build), for up to 63
 * ({@link largestExactStep}) and for more. Keeping all steps within the middle kind is what makes the same request give
 * the same answer, whatever ran before or runs beside it.
 */
export const promptBlockTokens = 16;

/** Fewest tokens of a step that rounds like a block. The last step of a prompt has at least as many, if the prompt has. */
export const leastExactStep = 16;

/** Most tokens of a step that rounds like a block. */
export const largestExactStep = 63;

/**
 * Smaller steps are not worth it on processors: from 8 tokens on llama.cpp unpacks all weights once a step, which takes as
 * long as computing some twenty tokens with them.
 */
const worthwhileStep = 48;

/**
 * Decides how many blocks of a prompt go into one step, so that a step stays short: between steps requests are
 * cancelled and everybody's next token is made, however long somebody's prompt is. The speed is learnt from the steps.
 */
export class PromptPacer {
  readonly #targetMs: number;
  readonly #leastBlocks: number;
  readonly #mostBlocks: number;
  #perBlockMs: number | undefined;

  /** @param largestStep most tokens that the engine computes in one go */
  constructor(targetMs: number, largestStep: number) {
    this.#targetMs = targetMs;
    this.#mostBlocks = Math.max(1, Math.floor(largestStep / promptBlockTokens));
    this.#leastBlocks = Math.min(this.#mostBlocks, worthwhileStep / promptBlockTokens);
  }

  /** How many tokens of a prompt the next step may hold; a multiple of {@link promptBlockTokens}. */
  get allowance(): number {
    const blocks = this.#perBlockMs === undefined ? 0 : Math.floor(this.#targetMs / this.#perBlockMs);
    return promptBlockTokens * Math.min(this.#mostBlocks, Math.max(this.#leastBlocks, blocks));
  }

  /** Tells how long a step with this many tokens took. Less than a block tells little and is left out. */
  observe(tokens: number, elapsedMs: number): void {
    if (tokens < promptBlockTokens) return;
    const perBlock = (elapsedMs / tokens) * promptBlockTokens;
    this.#perBlockMs = this.#perBlockMs === undefined ? perBlock : this.#perBlockMs + (perBlock - this.#perBlockMs) / 3;
  }
}
