import type { HttpRequest, HttpResponse } from '@scarmonit/core/ports/http-transport';
import { HttpTransportError } from '@scarmonit/core/ports/http-transport';
import type { Client, Dispatcher } from 'undici';
import { type BodySource, QueuedBody } from './queued-body.ts';
import { toTransportError } from './to-transport-error.ts';

type Headers = Parameters<NonNullable<Dispatcher.DispatchHandler['onResponseStart']>>[2];

/**
 * One request and its answer, as undici's dispatcher tells of them. Working on its events saves the streams of
 * `request()`, and a stream that someone else closes in the middle cannot be written to.
 */
export class Exchange implements Dispatcher.DispatchHandler, BodySource {
  readonly #request: HttpRequest;
  readonly #client: Client;
  readonly #idle: Client[];
  readonly #answer = Promise.withResolvers<HttpResponse>();
  readonly #onAbort = () => this.#abort(new HttpTransportError('aborted', 'The request was aborted.'));
  #controller: Dispatcher.DispatchController | undefined;
  /** Why it was aborted, for when the connection is not there yet. */
  #aborted: HttpTransportError | undefined;
  #body: QueuedBody | undefined;

  /** @param idle gets the client back when the answer has ended in whatever way */
  constructor(request: HttpRequest, client: Client, idle: Client[]) {
    this.#request = request;
    this.#client = client;
    this.#idle = idle;
  }

  start(): Promise<HttpResponse> {
    const { method, path, headers, body, signal, firstByteTimeoutMs, idleTimeoutMs } = this.#request;
    if (signal.aborted) {
      this.#onAbort();
      this.#idle.push(this.#client);
      return this.#answer.promise;
    }
    signal.addEventListener('abort', this.#onAbort, { once: true });
    // What it cannot send it tells of as of any other error.
    this.#client.dispatch(
      {
        method,
        path,
        headers: flatten(headers),
        body: body ?? null,
        headersTimeout: firstByteTimeoutMs,
        bodyTimeout: idleTimeoutMs,
      },
      this,
    );
    return this.#answer.promise;
  }

  /** It has a connection. Not called for requests that fail before. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#aborted !== undefined) controller.abort(this.#aborted);
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: Headers): void {
    // 1xx come before the answer.
    if (status < 200) return;
    const body = new QueuedBody(this);
    this.#body = body;
    this.#answer.resolve({ status, headers: joinRepeated(headers), body });
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Uint8Array): void {
    this.#body?.push(chunk);
  }

  onResponseEnd(): void {
    this.#settle();
    this.#idle.push(this.#client);
    this.#body?.end();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: unknown): void {
    this.#settle();
    this.#idle.push(this.#client);
    const failure = this.#aborted ?? toTransportError(error, this.#controller !== undefined);
    this.#answer.reject(failure);
    this.#body?.fail(failure);
  }

  pause(): void {
    this.#controller?.pause();
  }

  resume(): void {
    this.#controller?.resume();
  }

  cancel(): void {
    this.#abort(new HttpTransportError('aborted', 'The answer was cancelled.'));
  }

  #abort(reason: HttpTransportError): void {
    if (this.#aborted !== undefined) return;
    this.#aborted = reason;
    this.#settle();
    this.#answer.reject(reason);
    this.#body?.fail(reason);
    this.#controller?.abort(reason);
  }

  #settle(): void {
    this.#request.signal.removeEventListener('abort', this.#onAbort);
  }
}

/** Names and values in turns, as undici takes them with the least work. */
function flatten(headers: HttpRequest['headers']): string[] {
  const flat = ['accept-encoding', 'identity'];
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined && name !== 'accept-encoding') flat.push(name, value);
  }
  return flat;
}

/** They are the answer's own, so that repeated ones may be joined in place. */
function joinRepeated(headers: Headers): Readonly<Record<string, string>> {
  for (const name in headers) {
    const value = headers[name];
    if (Array.isArray(value)) headers[name] = value.join(', ');
  }
  return headers as Record<string, string>;
}
