import { createServer, type IncomingMessage, type Server, ServerResponse, STATUS_CODES } from 'node:http';
import { type AddressInfo, Server as NetServer, type Socket } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import type { DirectRoutes } from '@scarmonit/server/direct-routes';
import { isPlain, serveDirectly } from './serve-directly.ts';

export interface ListenOptions {
  readonly host: string;
  readonly port: number;
  readonly fetch: (request: Request) => Response | Promise<Response>;
  /** The routes that are served past `fetch`, with the same answers for less work. */
  readonly direct?: DirectRoutes;
  readonly timeouts?: ReadTimeouts;
}

/** A client that drips its headers or its body is cut off after these. Answers may take as long as they like. */
export interface ReadTimeouts {
  readonly headersMs: number;
  readonly wholeRequestMs: number;
  /** How often connections are looked at. */
  readonly checkEveryMs: number;
}

export interface Listening {
  readonly url: string;
  /**
   * Takes no new connections, waits up to `timeoutMs` for requests in flight, then cuts what is left. Answers that begin
   * meanwhile tell their clients that the connection ends with them.
   */
  close(timeoutMs: number): Promise<void>;
}

/** Headers in all; Node answers 431 beyond it. */
const maxHeaderBytes = 16 * 1024;
const defaultTimeouts: ReadTimeouts = { headersMs: 10_000, wholeRequestMs: 60_000, checkEveryMs: 2_000 };
const keepAliveTimeoutMs = 65_000;
/**
 * While draining, how often idle connections are closed, the first time after as long. Clients that have a request on its
 * way into one get it answered, and are told not to send another; one that is closed at once would lose it.
 */
const sweepEveryMs = 250;

/**
 * Serves `fetch` over HTTP/1.1, and what `direct` finds past it.
 * @throws an error whose message says what to change when the port cannot be taken
 */
export async function listen({
  host,
  port,
  fetch,
  direct,
  timeouts = defaultTimeouts,
}: ListenOptions): Promise<Listening> {
  const lifecycle = { isDraining: false };
  // Its own Request and Response, which skip what only browsers need, double the requests a second.
  const serve = getRequestListener((request) => fetch(request), { overrideGlobalObjects: true });
  const server = createServer(
    {
      ServerResponse: answersOf(lifecycle),
      maxHeaderSize: maxHeaderBytes,
      headersTimeout: timeouts.headersMs,
      requestTimeout: timeouts.wholeRequestMs,
      keepAliveTimeout: keepAliveTimeoutMs,
      connectionsCheckingInterval: timeouts.checkEveryMs,
      noDelay: true,
    },
    (incoming, outgoing) => {
      const answer = direct?.find(incoming.method, incoming.url);
      if (answer !== undefined && isPlain(incoming)) serveDirectly(answer, incoming, outgoing);
      else void serve(incoming, outgoing);
    },
  );
  server.on('clientError', answerBrokenRequest);
  await bind(server, host, port);
  const address = server.address() as AddressInfo;
  const shownHost = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return {
    url: `http://${shownHost}:${address.port}`,
    close: (timeoutMs) => {
      lifecycle.isDraining = true;
      return drain(server, timeoutMs);
    },
  };
}

/** A client that is told `connection: close` sends its next request elsewhere, and not into a connection being closed. */
function answersOf(lifecycle: { readonly isDraining: boolean }): typeof ServerResponse {
  return class<Request extends IncomingMessage> extends ServerResponse<Request> {
    override writeHead(...head: unknown[]): this {
      if (lifecycle.isDraining) this.shouldKeepAlive = false;
      return super.writeHead(...(head as Parameters<ServerResponse['writeHead']>));
    }
  };
}

function bind(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const refuse = (error: NodeJS.ErrnoException): void => {
      const message =
        error.code === 'EADDRINUSE'
          ? `Port ${port} is taken. Stop what uses it, or choose another: PORT=8788 npm start`
          : `Cannot listen on ${host}:${port}: ${error.message}`;
      reject(new Error(message, { cause: error }));
    };
    server.once('error', refuse);
    server.listen(port, host, () => {
      server.off('error', refuse);
      resolve();
    });
  });
}

function drain(server: Server, timeoutMs: number): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), timeoutMs);
    // Kept-alive connections become idle one by one as their answers end. Looking for them now costs requests nothing.
    const sweep = setInterval(() => server.closeIdleConnections(), sweepEveryMs);
    // Not `server.close()`, which closes idle connections at once.
    NetServer.prototype.close.call(server, () => {
      clearTimeout(cut);
      clearInterval(sweep);
      // Ends the timer that Node looks for slow clients with.
      server.close();
      resolve();
    });
  });
}

/** Requests that never become a `Request` (bad syntax, huge headers, dripping) get the same error shape as all others. */
function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Socket & { _httpMessage?: IncomingMessage }): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, message] =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? [431, `The request's headers are larger than ${maxHeaderBytes} bytes.`]
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? [408, 'The request did not arrive in time.']
        : [400, 'The request is not valid HTTP/1.1.'];
  const body = JSON.stringify({ error: { message, type: 'invalid_request_error', param: null, code: null } });
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\ncontent-type: application/json\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}
