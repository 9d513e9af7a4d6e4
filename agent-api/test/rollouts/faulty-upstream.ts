import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

/** How an upstream model answers at present. */
export interface Behaviour {
  /** Of so many requests the last gets a 500. Absent: none fails. */
  readonly failsOneIn?: number;
  /** Until the answer begins. */
  readonly delayMs?: number;
  /** Default: `Paris`. */
  readonly says?: string;
  /** `system_fingerprint` of its answers. */
  readonly fingerprint?: string;
  /** Takes requests and answers none. */
  readonly hangs?: boolean;
}

export interface FaultyUpstream {
  /** `http://127.0.0.1:PORT/v1` */
  readonly baseUrl: string;
  /** From now on the model of that name behaves so; until then each is healthy. */
  behave(model: string, behaviour: Behaviour): void;
  close(): Promise<void>;
}

/** One upstream for many models, each of which misbehaves as a test wishes. */
export async function startFaultyUpstream(): Promise<FaultyUpstream> {
  const behaviours = new Map<string, Behaviour>();
  const asked = new Map<string, number>();
  const server = createServer(async (request, response) => {
    const { model, stream = false } = (await json(request)) as { readonly model: string; readonly stream?: boolean };
    const behaviour = behaviours.get(model) ?? {};
    const nth = (asked.get(model) ?? 0) + 1;
    asked.set(model, nth);
    if (behaviour.hangs === true) return;
    const { failsOneIn, delayMs = 0 } = behaviour;
    const fails = failsOneIn !== undefined && nth % failsOneIn === 0;
    const send = (): void => {
      if (fails) response.writeHead(500, { 'content-type': 'application/json' }).end('{"error":{"message":"planted"}}');
      else answer(response, model, stream, behaviour);
    };
    if (delayMs === 0) send();
    else setTimeout(send, delayMs);
  });
  // Who closes a connection just when a request comes over it fails that request, and no fault was planted.
  server.keepAliveTimeout = 300_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    behave: (model, behaviour) => void behaviours.set(model, behaviour),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answer(response: ServerResponse, model: string, stream: boolean, { says = 'Paris', fingerprint }: Behaviour) {
  const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
  const head = {
    id: 'c',
    created: 1,
    model,
    ...(fingerprint === undefined ? {} : { system_fingerprint: fingerprint }),
  };
  if (!stream) {
    const choices = [{ index: 0, message: { role: 'assistant', content: says }, finish_reason: 'stop' }];
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ ...head, object: 'chat.completion', choices, usage }));
    return;
  }
  const frame = (fields: object) =>
    `data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', ...fields })}\n\n`;
  const choice = (delta: object, finish_reason: string | null) => ({ choices: [{ index: 0, delta, finish_reason }] });
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(frame(choice({ content: says }, null)));
  response.write(frame(choice({}, 'stop')));
  response.end(`${frame({ choices: [], usage })}data: [DONE]\n\n`);
}
