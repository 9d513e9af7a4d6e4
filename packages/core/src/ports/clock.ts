/** Time as a port, so that back-off, windows and deadlines are tested without sleeping. */
export interface Clock {
  /** Wall time, milliseconds since the Unix epoch. */
  now(): number;
  /** Monotonic time in milliseconds with fractions; only differences mean something. */
  monotonicMs(): number;
  /**
   * Calls `run` once after `delayMs`, never before it has returned; what is past is due at once. Returns a function that
   * cancels it. A timer never keeps the process alive.
   */
  schedule(delayMs: number, run: () => void): () => void;
}
