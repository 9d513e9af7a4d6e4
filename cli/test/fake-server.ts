import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FakeRequest {
  /** Method, path and query: `GET /v1/models`. */
  readonly line: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface FakeAnswer {
  readonly status?: number;
  readonly json?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Data of an event stream; it then ends, or stays open with `hang`. */
  readonly events?: readonly unknown[];
  readonly hang?: boolean;
}

export interface FakeServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** What was asked, in order. */
  readonly requests: readonly FakeRequest[];
  /** How many clients have left before their answer ended. */
  aborted(): number;
}

type Route = FakeAnswer | ((request: FakeRequest) => FakeAnswer);

/** A server on loopback that answers what it is told to, and 404 to all else. */
export async function startFakeServer(routes: Readonly<Record<string, Route>>): Promise<FakeServer> {
  const requests: FakeRequest[] = [];
  let aborted = 0;
  const server = createServer(async (message, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of message) chunks.push(chunk as Buffer);
    const request = {
      line: `${message.method} ${message.url}`,
      headers: message.headers,
      body: Buffer.concat(chunks).toString('utf8'),
    };
    requests.push(request);
    response.on('close', () => {
      if (!response.writableFinished) aborted += 1;
    });
    const route = routes[request.line] ?? refusal(404, 'not_found', 'There is no such thing.');
    const {
      status = 200,
      json,
      headers = {},
      events,
      hang = false,
    } = typeof route === 'function' ? route(request) : route;
    response.writeHead(status, {
      'content-type': events === undefined ? 'application/json' : 'text/event-stream',
      'x-request-id': 'req_1',
      ...headers,
    });
    if (events === undefined) response.end(JSON.stringify(json));
    else {
      for (const event of events)
        response.write(`data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`);
      if (!hang) response.end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    requests,
    aborted: () => aborted,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** An error in OpenAI's shape. */
export function refusal(status: number, code: string, message: string): FakeAnswer {
  return { status, json: { error: { message, type: 'invalid_request_error', param: null, code } } };
}
