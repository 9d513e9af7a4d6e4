/**
 * Small texts by name. Reads may be out of date by as long as the store needs to spread a change (a minute, on Workers
 * KV): what must be fresh carries a revision that is checked elsewhere.
 */
export interface KeyValueStore {
  /** @returns undefined for a name that is not there or has expired */
  get(name: string): Promise<string | undefined>;
  /** @param expiresAfterMs absent: never; stores may round it up to a minute */
  put(name: string, text: string, expiresAfterMs?: number): Promise<void>;
  /** Harmless for a name that is not there. */
  delete(name: string): Promise<void>;
}
