/** Randomness as a port. */
export interface Ids {
  /** An id that sorts by time and never repeats (UUID v7, RFC 9562), without dashes. */
  next(): string;
  /** `bytes` cryptographically random bytes. */
  randomBytes(bytes: number): Uint8Array;
}
