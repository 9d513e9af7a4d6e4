import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerAdmin } from './admin.ts';
import { answerCall } from './answer-call.ts';
import type { Answers } from './answers/answers.ts';
import { EmulatedError } from './error-table.ts';
import { Orders, parseMisbehaviour } from './misbehaviour.ts';
import { type LoggedRequest, RequestLog } from './request-log.ts';
import { type ReceivedRequest, routes, wireOf } from './routes.ts';
import { toFailure } from './wire.ts';

export interface EmulatorOptions {
  /** 0 takes a free port. */
  readonly port: number;
  readonly answers: Answers;
  /** The only token that REST accepts; absent: any. */
  readonly apiToken?: string;
}

export interface Emulator {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** What was asked, the oldest first. */
  readonly requests: readonly LoggedRequest[];
  /** Makes the next requests go wrong. @param behaviour as {@link parseMisbehaviour} takes it */
  behave(behaviour: string, times?: number): void;
  close(): Promise<void>;
}

interface EmulatorParts extends EmulatorOptions {
  readonly log: RequestLog;
  readonly orders: Orders;
}

const longestBodyBytes = 10 * 1024 * 1024;

/** Starts a Workers AI of one's own on loopback. */
export async function startEmulator(options: EmulatorOptions): Promise<Emulator> {
  const parts = { ...options, log: new RequestLog(), orders: new Orders() };
  const server = createServer((request, response) => void serve(request, response, parts));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    get requests() {
      return parts.log.list();
    },
    behave: (behaviour, times = Number.MAX_SAFE_INTEGER) => parts.orders.give(parseMisbehaviour(behaviour), times),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function serve(request: IncomingMessage, response: ServerResponse, parts: EmulatorParts): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://emulator');
  const left = new AbortController();
  response.once('close', () => left.abort(new Error('the caller has left')));
  try {
    const received = {
      path: url.pathname,
      query: url.searchParams,
      headers: flatten(request),
      bodyText: await readBody(request),
    };
    const admin = answerAdmin({ method: request.method ?? '', ...received }, parts);
    if (admin !== undefined) return reply(response, admin.status, admin.body);
    if (request.method !== 'POST')
      return reply(response, 405, toFailure(10405, 'Method not allowed for this endpoint'));
    await answerModel(received, response, left.signal, parts);
  } catch (error) {
    if (left.signal.aborted || response.destroyed) return;
    if (response.headersSent) response.destroy();
    else if (error instanceof EmulatedError)
      reply(response, error.table.status, wireOf(url.pathname).writeError(error));
    else reply(response, 500, explainOwnFailure(error));
  }
}

async function answerModel(
  received: ReceivedRequest,
  response: ServerResponse,
  signal: AbortSignal,
  { answers, apiToken, log, orders }: EmulatorParts,
): Promise<void> {
  const { headers, path } = received;
  const token = /^Bearer (\S+)$/.exec(headers['authorization'] ?? '')?.[1];
  const mayAsk = path === '/run' || (token !== undefined && (apiToken === undefined || token === apiToken));
  if (!mayAsk) return reply(response, 401, toFailure(10000, 'Authentication error'));
  const routed = routes.reduce<ReturnType<(typeof routes)[number]>>(
    (found, route) => found ?? route(received),
    undefined,
  );
  if (routed === undefined) return reply(response, 404, toFailure(7000, 'No route for that URI'));
  const { authorization: _token, ...shown } = headers;
  const record = log.add({ via: routed.wire.name, ...routed, headers: shown as Record<string, string> });
  response.once('close', () => (record.state = response.writableFinished ? 'answered' : 'aborted'));
  response.setHeader('cf-ai-req-id', `emulated-${record.id}`);
  const ordered = headers['x-emulator-behaviour'];
  try {
    const misbehaviour = ordered === undefined ? orders.take() : parseMisbehaviour(ordered);
    await answerCall({ ...routed, misbehaviour, record, response, signal }, answers);
  } catch (error) {
    if (signal.aborted || response.headersSent) throw error;
    const isEmulated = error instanceof EmulatedError;
    record.status = isEmulated ? error.table.status : 500;
    reply(response, record.status, isEmulated ? routed.wire.writeError(error) : explainOwnFailure(error));
  }
}

function explainOwnFailure(error: unknown): unknown {
  const cause = error instanceof Error && error.cause !== undefined ? ` (${error.cause})` : '';
  return toFailure(8003, `The emulator failed: ${error}${cause}`);
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

async function readBody(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of request) {
    length += piece.length;
    if (length > longestBodyBytes) throw new EmulatedError(3006);
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString();
}

function flatten({ headers }: IncomingMessage): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
  );
}
