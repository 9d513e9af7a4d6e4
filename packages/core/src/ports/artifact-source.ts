/**
 * Where the bytes of artifact parts come from, by scheme: `npm:`, `file:`, `https:`, `hf:`.
 * A source only moves bytes; checking the digest, keeping and naming is the artifact store's work.
 */
export interface ArtifactSource {
  /** The scheme it serves, without the colon: `npm`. */
  readonly scheme: string;
  /**
   * Opens the bytes of `reference` (the whole source text, such as `npm:pkg@1.0.0/model.part`).
   * @throws ScarmonitError `not_found` when the source says that there is no such thing, `forbidden` when it wants other
   *   credentials, `invalid_request` when the reference is malformed (says what one looks like), `engine_failure` when it
   *   cannot be reached, `cancelled` when the signal was aborted. The stream throws the last two as well.
   */
  open(reference: string, options: OpenOptions): Promise<OpenedSource>;
  /**
   * Announces that `reference` will be opened. A source that fetches several references as one (the files of a package)
   * keeps what it fetched until all of them are released; other sources leave this out.
   * @returns a function that releases it, once it has been read or is no longer wanted
   */
  hold?(reference: string): () => Promise<void>;
}

export interface OpenOptions {
  /** Bytes that are already here from an earlier, interrupted try. A source that cannot resume ignores it. */
  readonly offset: number;
  /** The `validator` of the earlier try: if the bytes have changed since, the source starts again at 0. */
  readonly validator?: string;
  readonly signal: AbortSignal;
  /** Bytes that passed over the network so far and, where known, in all. May be called often. */
  onProgress?(receivedBytes: number, totalBytes: number | undefined): void;
}

export interface OpenedSource {
  /** Where `stream` really starts: the wanted offset, or 0 when the source had to start again. */
  readonly offset: number;
  /** Size of the whole, where known. */
  readonly totalBytes: number | undefined;
  /** Names this state of the bytes (a strong ETag), where the source has such a thing. */
  readonly validator: string | undefined;
  /** Ending the iteration early frees the connection. Must be iterated. */
  readonly stream: AsyncIterable<Uint8Array>;
}
