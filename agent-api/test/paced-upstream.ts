import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

/** How the upstream answers, in milliseconds and pieces. */
export interface Pace {
  readonly jsonMs: number;
  readonly chunks: number;
  readonly chunkMs: number;
}

export interface PacedUpstream {
  /** `http://127.0.0.1:PORT/v1` */
  readonly baseUrl: string;
  /** What arrived, by the `user` that the client put into the request. */
  readonly users: ReadonlySet<string>;
  /** Answers that are neither finished nor given up. */
  readonly open: number;
  /** Answers whose caller closed the connection before they were finished. */
  readonly abandoned: number;
  /** Connections that are open, used or not. */
  readonly connections: number;
  /** Resolves when the request of a user is here. Ask once for each. */
  whenAsked(user: string): Promise<void>;
  close(): Promise<void>;
}

/**
 * An upstream that takes its time, as models do, and answers with the name of the model it was asked for. To users whose
 * name begins with `endless` it streams until they leave, to `endless-silent` not even headers.
 */
export async function startPacedUpstream(pace: Pace): Promise<PacedUpstream> {
  const users = new Set<string>();
  const waiting = new Map<string, () => void>();
  let connections = 0;
  let open = 0;
  let abandoned = 0;
  const server = createServer(async (request, response) => {
    const wanted = (await json(request)) as Wanted;
    users.add(wanted.user);
    waiting.get(wanted.user)?.();
    waiting.delete(wanted.user);
    open += 1;
    response.once('close', () => {
      open -= 1;
      if (!response.writableFinished) abandoned += 1;
    });
    if (wanted.user.startsWith('endless-silent')) return;
    if (wanted.stream === true) await stream(response, wanted, pace);
    else await answer(response, wanted, pace);
  });
  server.on('connection', (socket) => {
    connections += 1;
    socket.once('close', () => {
      connections -= 1;
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    users,
    whenAsked: (user) => (users.has(user) ? Promise.resolve() : new Promise((resolve) => waiting.set(user, resolve))),
    get connections() {
      return connections;
    },
    get open() {
      return open;
    },
    get abandoned() {
      return abandoned;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface Wanted {
  readonly user: string;
  readonly model: string;
  readonly stream?: boolean;
}

const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 };

async function answer(response: ServerResponse, { model }: Wanted, { jsonMs }: Pace): Promise<void> {
  await sleep(jsonMs);
  const message = { role: 'assistant', content: model };
  const choices = [{ index: 0, message, finish_reason: 'stop' }];
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion', created: 1, model, choices, usage }));
}

async function stream(response: ServerResponse, { model, user }: Wanted, { chunks, chunkMs }: Pace): Promise<void> {
  const send = (choices: readonly unknown[], rest: object): void => {
    const chunk = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model, choices, ...rest };
    response.write(`data: ${JSON.stringify(chunk)}\n\n`);
  };
  const choice = (delta: object, finish_reason: string | null) => [{ index: 0, delta, finish_reason }];
  response.setHeader('content-type', 'text/event-stream');
  for (let sent = 0; (sent < chunks || user.startsWith('endless')) && !response.destroyed; sent += 1) {
    if (sent > 0) await sleep(chunkMs);
    send(choice({ content: model }, null), {});
  }
  send(choice({}, 'stop'), {});
  send([], { usage });
  response.end('data: [DONE]\n\n');
}
