/** SHA-256 as a port. */
export interface Hash {
  /** Lower-case hex SHA-256 of UTF-8 text. Synchronous: it stands on the hot path of authentication. */
  sha256Hex(text: string): string;
}
