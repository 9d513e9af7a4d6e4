const firstDelayMs = 500;
const longestDelayMs = 30_000;

/** Delays between restarts: 0.5 s, doubling to 30 s. */
export class BackOff {
  #delayMs = firstDelayMs;

  /** The delay before the next try. */
  next(): number {
    const delayMs = this.#delayMs;
    this.#delayMs = Math.min(delayMs * 2, longestDelayMs);
    return delayMs;
  }

  /** The last try was a lasting success. */
  reset(): void {
    this.#delayMs = firstDelayMs;
  }
}
