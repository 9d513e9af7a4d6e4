import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import type { OpenedSource, OpenOptions } from '@scarmonit/core/ports/artifact-source';
import { asTransferError, throwIfCancelled } from '@scarmonit/core/transfers/transfer-errors';
import type { Dispatcher } from 'undici';

/** What every source over HTTP can be told. */
export interface HttpTransferOptions {
  /** How connections are made: a proxy agent, say. Absent: undici's global dispatcher. */
  readonly dispatcher?: Dispatcher;
  /** How long the server may send nothing, at the start or in between. */
  readonly stallTimeoutMs?: number;
}

export interface HttpCall extends HttpTransferOptions {
  readonly url: URL;
  /** How the thing is called in messages. */
  readonly reference: string;
  readonly method: 'GET' | 'HEAD';
  readonly headers: Readonly<Record<string, string>>;
  /** Sent to the origin of `url` only, never to where it redirects. */
  readonly token?: string | undefined;
  readonly signal: AbortSignal;
  /** Whether to go where an answer sends us. Default: always. */
  follows?(answer: Dispatcher.ResponseData, target: URL): boolean;
}

export interface HttpAnswer {
  readonly response: Dispatcher.ResponseData;
  readonly url: URL;
}

const MAX_REDIRECTS = 10;
const DEFAULT_STALL_TIMEOUT_MS = 30_000;
const redirectStatuses = new Set([301, 302, 303, 307, 308]);

/**
 * Sends a request and follows redirects (RFC 9110, section 15.4).
 * @throws ScarmonitError as `ArtifactSource.open` does; answers of 400 and above are errors, but for 416
 */
export async function callHttp(call: HttpCall): Promise<HttpAnswer> {
  throwIfCancelled(call.signal);
  let url = call.url;
  for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
    refuseUnsafeUrl(url, call);
    const response = await send(call, url);
    const { location } = response.headers;
    if (redirectStatuses.has(response.statusCode) && typeof location === 'string') {
      const target = new URL(location, url);
      if (call.follows?.(response, target) === false) return { response, url };
      await response.body.dump();
      url = target;
      continue;
    }
    if (response.statusCode >= 400 && response.statusCode !== 416) {
      await response.body.dump();
      throw explainStatus(response, call.reference);
    }
    return { response, url };
  }
  throw new ScarmonitError('engine_failure', `${call.reference}: more than ${MAX_REDIRECTS} redirects`);
}

/**
 * Opens a file over HTTP at `options.offset` by Range and If-Range (RFC 9110, section 14). A server that knows no ranges,
 * or whose file has changed, sends the whole again, and so the stream starts at 0.
 */
export async function openHttpRange(
  call: Omit<HttpCall, 'method' | 'headers' | 'signal'>,
  options: OpenOptions,
): Promise<OpenedSource> {
  const { offset, signal } = options;
  const headers = {
    // Ranges count the bytes as they are sent; a compressed answer would count others.
    'accept-encoding': 'identity',
    ...(offset === 0 ? {} : { range: `bytes=${offset}-` }),
    ...(offset === 0 || options.validator === undefined ? {} : { 'if-range': options.validator }),
  };
  const { response } = await callHttp({ ...call, method: 'GET', headers, signal });
  if (response.statusCode === 416) {
    await response.body.dump();
    if (offset === 0) throw explainStatus(response, call.reference);
    return openHttpRange(call, { ...options, offset: 0 });
  }
  const opened = readRange(response, offset, call.reference);
  return { ...opened, stream: readBody(response, opened, call.reference, options) };
}

async function send(call: HttpCall, url: URL): Promise<Dispatcher.ResponseData> {
  const stallTimeoutMs = call.stallTimeoutMs ?? DEFAULT_STALL_TIMEOUT_MS;
  const authorization = call.token && url.origin === call.url.origin ? `Bearer ${call.token}` : undefined;
  try {
    // Imported with the first transfer: most starts fetch nothing.
    const { request } = await import('undici');
    const response = await request(url, {
      method: call.method,
      headers: { ...call.headers, ...(authorization ? { authorization } : {}) },
      signal: call.signal,
      headersTimeout: stallTimeoutMs,
      bodyTimeout: stallTimeoutMs,
      ...(call.dispatcher === undefined ? {} : { dispatcher: call.dispatcher }),
    });
    // A body that breaks before anyone reads it would be an uncaught exception; its reader gets the error all the same.
    response.body.on('error', () => {});
    return response;
  } catch (error) {
    throw asTransferError(error, call.reference, call.signal);
  }
}

/**
 * Plain HTTP is for mirrors on this machine: on the way, anyone could read a token. A server elsewhere may not send us to
 * this machine's own services either.
 */
function refuseUnsafeUrl(url: URL, { url: first, reference }: Pick<HttpCall, 'url' | 'reference'>): void {
  if (url.protocol === 'https:' || (isLoopbackHttp(url) && isLoopbackHttp(first))) return;
  throw new ScarmonitError('invalid_request', `${reference}: ${url.protocol}//${url.host} is not https`);
}

function isLoopbackHttp(url: URL): boolean {
  return url.protocol === 'http:' && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
}

function explainStatus(response: Dispatcher.ResponseData, reference: string): ScarmonitError {
  const status = response.statusCode;
  if (status === 404 || status === 410) {
    return new ScarmonitError('not_found', `${reference}: the server has no such file (HTTP ${status})`);
  }
  if (status === 401 || status === 403) {
    return new ScarmonitError('forbidden', `${reference}: the server wants other credentials (HTTP ${status})`);
  }
  const retryAfterS = Number(response.headers['retry-after']);
  return new ScarmonitError('engine_failure', `${reference}: the server answered HTTP ${status}`, {
    ...(retryAfterS > 0 ? { retryAfterMs: retryAfterS * 1000 } : {}),
  });
}

/** Where the answer starts and how long the whole is. */
function readRange(
  response: Dispatcher.ResponseData,
  wantedOffset: number,
  reference: string,
): Omit<OpenedSource, 'stream'> {
  const { etag, 'content-length': length, 'content-range': range } = response.headers;
  // A weak validator promises the same meaning, not the same bytes, and may not stand in If-Range.
  const validator = typeof etag === 'string' && !etag.startsWith('W/') ? etag : undefined;
  if (response.statusCode !== 206) {
    return { offset: 0, totalBytes: typeof length === 'string' ? Number(length) : undefined, validator };
  }
  const match = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(String(range));
  if (match === null || Number(match[1]) !== wantedOffset) {
    response.body.destroy();
    throw new ScarmonitError('engine_failure', `${reference}: asked for bytes from ${wantedOffset}, got "${range}"`);
  }
  return { offset: wantedOffset, totalBytes: match[2] === '*' ? undefined : Number(match[2]), validator };
}

async function* readBody(
  { body }: Dispatcher.ResponseData,
  { offset, totalBytes }: Omit<OpenedSource, 'stream'>,
  reference: string,
  { signal, onProgress }: OpenOptions,
): AsyncIterable<Uint8Array> {
  let received = offset;
  try {
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      received += chunk.byteLength;
      onProgress?.(received, totalBytes);
      yield chunk;
    }
  } catch (error) {
    throw asTransferError(error, reference, signal);
  }
  if (totalBytes !== undefined && received !== totalBytes) {
    throw new ScarmonitError(
      'engine_failure',
      `${reference}: the transfer ended after ${received} of ${totalBytes} bytes`,
    );
  }
}
