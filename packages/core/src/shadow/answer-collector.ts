/** Gathers the pieces of a streamed answer for a request that is copied: an append to an array for each. */
export class AnswerCollector<Part> {
  readonly #sizeOf: (part: Part) => number;
  readonly #mostSize: number;
  readonly #onFinished: (parts: readonly Part[]) => void;
  #parts: Part[] | undefined = [];
  #size = 0;

  /**
   * @param mostSize an answer that grows beyond it is let go
   * @param onFinished called once, with the pieces of a whole answer
   */
  constructor(sizeOf: (part: Part) => number, mostSize: number, onFinished: (parts: readonly Part[]) => void) {
    this.#sizeOf = sizeOf;
    this.#mostSize = mostSize;
    this.#onFinished = onFinished;
  }

  add(part: Part): void {
    if (this.#parts === undefined) return;
    this.#size += this.#sizeOf(part);
    if (this.#size > this.#mostSize) this.#parts = undefined;
    else this.#parts.push(part);
  }

  /** The answer is whole and was a good one. Without this call nothing is copied. */
  finish(): void {
    const parts = this.#parts;
    this.#parts = undefined;
    if (parts !== undefined) this.#onFinished(parts);
  }
}
