/** What is known of a blob without reading it. */
export interface BlobInfo {
  readonly name: string;
  readonly sizeBytes: number;
  /** Opaque; another one whenever other content was put under the name. */
  readonly etag: string;
  /** Milliseconds since the Unix epoch. */
  readonly storedAt: number;
}

export interface StoredBlob extends BlobInfo {
  /** Its bytes as they come, of what was there when it was asked for; to be iterated once. Ending early frees what reads them. */
  readonly body: AsyncIterable<Uint8Array>;
}

/**
 * Bytes by name, of any size. Names are made of `A-Z a-z 0-9 . _ -` in parts that a slash separates; no part begins with a
 * dot, and no name is the beginning of another one's path. What was put is there, whole, for every reader from then on, or it is not there at all.
 */
export interface BlobStore {
  /**
   * Puts a blob in the place of what is there under its name. A body that fails in the middle leaves that as it was.
   * @throws Error for a name that cannot be, and what the body throws
   */
  put(name: string, body: Uint8Array | AsyncIterable<Uint8Array>): Promise<BlobInfo>;
  /** @returns undefined when there is none */
  get(name: string): Promise<StoredBlob | undefined>;
  /** @returns undefined when there is none */
  head(name: string): Promise<BlobInfo | undefined>;
  /** Harmless for a name that is not there. */
  delete(name: string): Promise<void>;
  /**
   * Those whose names begin so, in the order of their names.
   * @param page `after` is the name of the last one seen
   */
  list(prefix: string, page: { readonly limit: number; readonly after?: string }): Promise<readonly BlobInfo[]>;
}

const wholeName = /^[A-Za-z0-9_-][A-Za-z0-9._-]*(\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$/;
const longestName = 512;

/** For adapters. @throws Error for a name that the port does not allow */
export function checkBlobName(name: string): void {
  if (name.length <= longestName && wholeName.test(name)) return;
  throw new Error(`A blob cannot be named '${name.slice(0, 64)}'.`);
}
