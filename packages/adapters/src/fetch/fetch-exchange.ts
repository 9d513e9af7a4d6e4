import {
  type HttpBody,
  type HttpFailure,
  type HttpRequest,
  type HttpResponse,
  HttpTransportError,
} from '@scarmonit/core/ports/http-transport';

/** What is read away after `discard`. */
const discardBytes = 16 * 1024;

type ReadResult = IteratorResult<Uint8Array, undefined>;

/** One request and its answer by `fetch`, with the deadlines that `fetch` lacks. */
export class FetchExchange implements HttpBody, AsyncIterator<Uint8Array, undefined> {
  readonly #request: HttpRequest;
  readonly #onSettled: () => void;
  readonly #controller = new AbortController();
  readonly #onAbort = () => this.abort('The request was aborted.');
  #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #waitingSinceMs: number | undefined;
  #failure: HttpTransportError | undefined;
  #isSettled = false;

  /** @param onSettled called once, when the answer has ended in whatever way */
  constructor(request: HttpRequest, onSettled: () => void) {
    this.#request = request;
    this.#onSettled = onSettled;
  }

  async start(origin: string): Promise<HttpResponse> {
    const { method, path, headers, body, signal, firstByteTimeoutMs } = this.#request;
    if (signal.aborted) {
      this.#onAbort();
      throw this.#failure;
    }
    signal.addEventListener('abort', this.#onAbort, { once: true });
    this.#timer = setTimeout(
      () => this.#fail('first-byte-timeout', `No answer within ${firstByteTimeoutMs} ms.`),
      firstByteTimeoutMs,
    );
    try {
      const response = await fetch(origin + path, {
        method,
        headers: { ...headers, 'accept-encoding': 'identity' },
        ...(body === undefined ? {} : { body }),
        redirect: 'manual',
        signal: this.#controller.signal,
      });
      clearTimeout(this.#timer);
      this.#timer = undefined;
      if (response.body === null) this.#settle();
      else this.#reader = response.body.getReader();
      return { status: response.status, headers: Object.fromEntries(response.headers), body: this };
    } catch (error) {
      throw this.#fail(isBeforeSending(error) ? 'connect' : 'broken', messageOf(error), error);
    }
  }

  /** Ends it as `aborted`, with the connection. Without effect after the end. */
  abort(message: string): void {
    this.#fail('aborted', message);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<ReadResult> {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#reader === undefined || this.#isSettled) return { done: true, value: undefined };
    this.#waitingSinceMs = performance.now();
    this.#timer ??= this.#watch(this.#request.idleTimeoutMs);
    try {
      const { done, value } = await this.#reader.read();
      // A reader that was cancelled meanwhile ends as if all was well.
      if (this.#failure !== undefined) throw this.#failure;
      if (!done) return { done, value };
      this.#settle();
      return { done, value: undefined };
    } catch (error) {
      throw this.#fail('broken', messageOf(error), error);
    } finally {
      this.#waitingSinceMs = undefined;
    }
  }

  async return(): Promise<ReadResult> {
    this.cancel();
    return { done: true, value: undefined };
  }

  cancel(): void {
    this.abort('The answer was cancelled.');
  }

  discard(): void {
    if (!this.#isSettled) void this.#readAway();
  }

  /** The end of a chunked body, but no second answer. */
  async #readAway(): Promise<void> {
    let left = discardBytes;
    try {
      while (left >= 0) {
        const { done, value } = await this.next();
        if (done) return;
        left -= value.byteLength;
      }
      this.cancel();
    } catch {
      // It failed or was cancelled, and nobody wants to know.
    }
  }

  /** One timer a silence, not one a chunk: it looks how long the reader has waited, and comes back for the rest. */
  #watch(delayMs: number): ReturnType<typeof setTimeout> {
    return setTimeout(() => {
      const { idleTimeoutMs } = this.#request;
      const waitedMs = this.#waitingSinceMs === undefined ? undefined : performance.now() - this.#waitingSinceMs;
      this.#timer = undefined;
      if (this.#isSettled || waitedMs === undefined) return;
      // Timers may come a little early by another clock.
      if (waitedMs >= idleTimeoutMs - 1) this.#fail('idle-timeout', `No further piece within ${idleTimeoutMs} ms.`);
      else this.#timer = this.#watch(idleTimeoutMs - waitedMs);
    }, delayMs);
  }

  /** @returns the first failure, which stays whatever follows */
  #fail(failure: HttpFailure, message: string, cause?: unknown): HttpTransportError {
    if (this.#failure !== undefined) return this.#failure;
    const error = new HttpTransportError(failure, message, cause);
    if (this.#isSettled) return error;
    this.#failure = error;
    this.#settle();
    this.#controller.abort(error);
    this.#reader?.cancel(error).catch(() => undefined);
    return error;
  }

  #settle(): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    clearTimeout(this.#timer);
    this.#request.signal.removeEventListener('abort', this.#onAbort);
    this.#onSettled();
  }
}

/**
 * Whether a request failed before it was sent. Node's `fetch` tells by the code of the cause. workerd has the same words for
 * a connection that is refused and one that is lost before the answer; the first is by far the more frequent.
 */
function isBeforeSending(error: unknown): boolean {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : undefined;
  if (cause === undefined) return /^(Network connection lost|internal error; reference)/.test(messageOf(error));
  return (
    'code' in cause &&
    /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ERR_SSL|ERR_TLS|CERT_|UND_ERR_CONNECT)/.test(
      String(cause.code),
    )
  );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
