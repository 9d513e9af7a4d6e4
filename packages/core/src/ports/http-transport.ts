import type { CancelSignal } from './cancel-signal.ts';

/**
 * Outgoing HTTP as a port: undici on Node, `fetch` elsewhere.
 *
 * It moves bytes and keeps deadlines; it knows nothing of retries, of OpenAI or of errors that callers see. Redirects are
 * answers like any other: following one could lead anywhere.
 */
export interface HttpTransport {
  /**
   * Connections to one origin, opened when they are needed and kept alive between requests.
   * @param origin such as `https://api.example.com`, without a path
   */
  open(origin: string, settings: HttpConnectionSettings): HttpConnections;
}

export interface HttpConnectionSettings {
  /** How long making a connection may take, names and TLS included. */
  readonly connectTimeoutMs: number;
}

export interface HttpConnections {
  /**
   * Resolves when the status and the headers are here; the body follows as it comes.
   * @throws HttpTransportError
   */
  request(request: HttpRequest): Promise<HttpResponse>;
  /** Closes every connection at once; what is in flight fails. Idempotent. */
  close(): Promise<void>;
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  /** With the query, from the slash on. */
  readonly path: string;
  /** Names in lower case. Bodies come as they were sent: `accept-encoding: identity` is always asked for. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Aborting closes the connection at once, before and after the first byte. */
  readonly signal: CancelSignal;
  /** From the request being sent to the headers of the answer. */
  readonly firstByteTimeoutMs: number;
  /** Between two pieces of the body. Time in which the reader does not ask for more does not count. */
  readonly idleTimeoutMs: number;
}

export interface HttpResponse {
  readonly status: number;
  /** Names in lower case; repeated ones joined by `, `. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: HttpBody;
}

/** The bytes of an answer, for one reader, as they come. The iteration throws an {@link HttpTransportError}. */
export interface HttpBody extends AsyncIterable<Uint8Array> {
  /** Closes the connection. Idempotent, and without effect after the end. */
  cancel(): void;
  /**
   * Says that what is left is of no interest. A little is read away, so that the connection can serve again; if more comes
   * than that, it is cancelled. Never waits.
   */
  discard(): void;
}

/**
 * - `connect`: no connection could be made (refused, unknown host, TLS), or it took too long: nothing was sent
 * - `first-byte-timeout`, `idle-timeout`: a deadline passed
 * - `broken`: the connection or the HTTP in it broke
 * - `aborted`: the signal, `cancel` or `close`
 */
export type HttpFailure = 'connect' | 'first-byte-timeout' | 'idle-timeout' | 'broken' | 'aborted';

/** A request that failed beneath HTTP. The message may hold addresses: it is for logs. */
export class HttpTransportError extends Error {
  override readonly name = 'HttpTransportError';
  readonly failure: HttpFailure;

  constructor(failure: HttpFailure, message: string, cause?: unknown) {
    super(message, { cause });
    this.failure = failure;
  }
}
