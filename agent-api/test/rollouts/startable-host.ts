/** A host in processes of its own, whichever it is. */
export interface StartableHost {
  readonly url: string;
  readonly adminKey: string;
  /**
   * Starts it, and resolves when every model answers.
   * @param manifest what it serves from now on; absent: what it served when it was killed
   */
  start(manifest?: string): Promise<void>;
  /** As a power cut does; what it has written stays. */
  kill(): Promise<void>;
  /** Ends it, and removes what it has written. */
  close(): Promise<void>;
  /** Reads its database, which it has open. */
  query(sql: string, ...parameters: readonly string[]): readonly Record<string, unknown>[];
}
