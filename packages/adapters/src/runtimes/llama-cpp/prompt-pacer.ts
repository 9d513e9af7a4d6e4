/**
 * Prompts are computed in whole blocks of this many tokens, counted from the beginning, and only whole blocks are
 * reused by later requests. llama.cpp's attention on CPUs rounds differently for less than 8 tokens at once, for 8 to
 * 63 and for more, so blocks and {@link largestExactStep} are what makes the same request give the same answer,
 * whatever ran before or runs beside it.
 */
export const promptBlockTokens = 16;

/** Most tokens of a step that rounds like a single block; see {@link promptBlockTokens}. */
export const largestExactStep = 48;

/**
 * Decides how many blocks of a prompt go into one step, so that a step stays short: between steps requests are
 * cancelled and everybody's next token is made, however long somebody's prompt is. The speed is learnt from the steps.
 */
export class PromptPacer {
  readonly #targetMs: number;
  readonly #mostBlocks: number;
  #perBlockMs: number | undefined;

  /** @param largestStep most tokens that the engine computes in one go */
  constructor(targetMs: number, largestStep: number) {
    this.#targetMs = targetMs;
    this.#mostBlocks = Math.max(1, Math.floor(largestStep / promptBlockTokens));
  }

  /** How many tokens of a prompt the next step may hold; a multiple of {@link promptBlockTokens}. */
  get allowance(): number {
    const blocks = this.#perBlockMs === undefined ? 1 : Math.floor(this.#targetMs / this.#perBlockMs);
    return promptBlockTokens * Math.min(this.#mostBlocks, Math.max(1, blocks));
  }

  /** Tells how long a step with this many tokens took. Less than a block tells little and is left out. */
  observe(tokens: number, elapsedMs: number): void {
    if (tokens < promptBlockTokens) return;
    const perBlock = (elapsedMs / tokens) * promptBlockTokens;
    this.#perBlockMs = this.#perBlockMs === undefined ? perBlock : this.#perBlockMs + (perBlock - this.#perBlockMs) / 3;
  }
}
