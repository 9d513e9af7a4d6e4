import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
}

export interface TestServer {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** What was asked for so far, oldest first. */
  readonly requests: readonly SeenRequest[];
  close(): Promise<void>;
}

/** A server on a free loopback port that answers as `answer` says. */
export async function startHttpServer(
  answer: (request: IncomingMessage, response: ServerResponse) => void | Promise<void>,
): Promise<TestServer> {
  const requests: SeenRequest[] = [];
  const server = createServer((request, response) => {
    requests.push({ method: request.method ?? '', path: request.url ?? '', headers: request.headers });
    void answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Answers as a static file server that knows Range and If-Range does. */
export function answerWithRange(
  request: IncomingMessage,
  response: ServerResponse,
  bytes: Uint8Array,
  headers: Readonly<Record<string, string>> = {},
): void {
  const match = /^bytes=(\d+)-$/.exec(request.headers.range ?? '');
  const ifRange = request.headers['if-range'];
  const start = match !== null && (ifRange === undefined || ifRange === headers['etag']) ? Number(match[1]) : 0;
  if (start >= bytes.byteLength) {
    response.writeHead(416, { 'content-range': `bytes */${bytes.byteLength}` }).end();
    return;
  }
  const rest = bytes.subarray(start);
  response.writeHead(start > 0 ? 206 : 200, {
    ...headers,
    'content-length': rest.byteLength,
    ...(start > 0 ? { 'content-range': `bytes ${start}-${bytes.byteLength - 1}/${bytes.byteLength}` } : {}),
  });
  response.end(request.method === 'HEAD' ? undefined : rest);
}
