import type { PromptPacer } from './prompt-pacer.ts';

/** A request that is computed step by step, in turns with others. */
export interface SteppedRun {
  /** Place of its sequence in the context. */
  readonly position: number;
  /** Its prompt is computed; from now on each step makes one token of the answer. */
  readonly isAnswering: boolean;
  /** It needs no more steps. */
  readonly ended: boolean;
  /**
   * Computes the next piece of the prompt, `allowance` tokens at the most. Never rejects.
   * @returns how many tokens it computed
   */
  stepPrompt(allowance: number): Promise<number>;
  /**
   * Makes the next token of the answer. Queues its part of the batch before the event loop turns, so that the parts of
   * all runs are computed together. Never rejects.
   */
  stepAnswer(): Promise<void>;
  /** Called once when it has left the loop; nothing of it is being computed any more. */
  left(): void;
}

/**
 * Continuous batching. Each round computes one piece of one prompt, if there are any, and then the next token of all
 * answers as one batch. Runs join and leave between steps.
 *
 * Left to itself the binding starts a new batch as soon as the first sequence asks, and the sequences drift into
 * batches of one or two; waiting for all of them here keeps the batches whole. And llama.cpp computes in one pass only
 * sequences that follow each other in rising order with the same number of tokens (`split_equal` in its
 * llama-batch.cpp): so answers are queued by position, and prompts, which bring many tokens, get batches of their own.
 */
export class StepLoop {
  readonly #pacer: PromptPacer;
  readonly #now: () => number;
  readonly #runs = new Set<SteppedRun>();
  readonly #batchSizes: Record<number, number> = {};
  #turning = false;

  /** @param now monotonic milliseconds */
  constructor(pacer: PromptPacer, now: () => number) {
    this.#pacer = pacer;
    this.#now = now;
  }

  /** How many batches were computed, by the number of requests in them. */
  get batchSizes(): Readonly<Record<number, number>> {
    return this.#batchSizes;
  }

  add(run: SteppedRun): void {
    this.#runs.add(run);
    if (!this.#turning) void this.#turn();
  }

  async #turn(): Promise<void> {
    this.#turning = true;
    while (this.#dropEnded()) {
      await this.#stepOnePrompt();
      await this.#stepAnswers();
    }
    this.#turning = false;
  }

  #dropEnded(): boolean {
    for (const run of this.#runs) {
      if (!run.ended) continue;
      this.#runs.delete(run);
      run.left();
    }
    return this.#runs.size > 0;
  }

  async #stepOnePrompt(): Promise<void> {
    for (const run of this.#runs) {
      if (run.isAnswering || run.ended) continue;
      const startedAt = this.#now();
      const tokens = await run.stepPrompt(this.#pacer.allowance);
      this.#pacer.observe(tokens, this.#now() - startedAt);
      this.#count(1);
      // To the end of the line, so that prompts take turns.
      this.#runs.delete(run);
      this.#runs.add(run);
      return;
    }
  }

  async #stepAnswers(): Promise<void> {
    const runs = [...this.#runs].filter((run) => run.isAnswering && !run.ended);
    if (runs.length === 0) return;
    runs.sort((a, b) => a.position - b.position);
    await Promise.all(runs.map((run) => run.stepAnswer()));
    this.#count(runs.length);
  }

  #count(size: number): void {
    this.#batchSizes[size] = (this.#batchSizes[size] ?? 0) + 1;
  }
}
