import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

/** An upstream whose answers depend on nothing but the model's name, to the byte. */
export interface ScriptedUpstream {
  /** `http://127.0.0.1:PORT/v1` */
  readonly baseUrl: string;
  /** The `authorization` with which each model was asked last. */
  readonly authorizations: ReadonlyMap<string, string | undefined>;
  /** Resolves when a caller of that model has closed its connection before its answer was complete. */
  left(model: string): Promise<void>;
  close(): Promise<void>;
}

export const answerText = 'Grüße 👋 from upstream';

interface Wanted {
  readonly model: string;
  readonly stream?: boolean;
  readonly input?: string | readonly string[];
}

type Script = (response: ServerResponse, wanted: Wanted) => void;

/** What `redirector` answers with. */
export const redirectsTo = '/elsewhere';

const usage = { prompt_tokens: 7, completion_tokens: 5, total_tokens: 12 };

const speaker: Script = (response, { stream, model }) =>
  stream === true ? speak(response, model) : answer(response, model);

const broken: Script = (response) =>
  sendJson(response, 500, { error: { message: 'Out of memory.', type: 'server_error' } });

const scripts: Readonly<Record<string, Script>> = {
  speaker,
  'speaker-next': speaker,
  keyed: speaker,
  // What follows it sends the body again, to a path that answers.
  redirector: (response) => void response.writeHead(307, { location: redirectsTo }).end(),
  // A probe asks for a stream, and so sees nothing of what is wrong with it.
  'broken-unless-streaming': (response, wanted) => (wanted.stream === true ? speaker : broken)(response, wanted),
  embedder: (response, { model, input }) => {
    const inputs = typeof input === 'string' ? [input] : (input ?? []);
    const data = inputs.map((_, index) => ({ object: 'embedding', index, embedding: [0.6, 0.8] }));
    sendJson(response, 200, { object: 'list', data, model, usage: { prompt_tokens: 4, total_tokens: 4 } });
  },
  busy: (response) =>
    sendJson(response, 429, {
      error: { message: 'Too many requests.', type: 'requests', code: 'rate_limit_exceeded' },
    }),
  broken,
  choosy: (response) =>
    sendJson(response, 400, {
      error: { message: 'Bad seed.', type: 'invalid_request_error', param: 'seed', code: 'bad_seed' },
    }),
  locked: (response) => sendJson(response, 401, { error: { message: 'Wrong key.', type: 'invalid_request_error' } }),
  garbled: (response) => {
    response.setHeader('content-type', 'application/json');
    response.end('<html>');
  },
  truncated: (response, { model }) => {
    startEvents(response);
    response.write(frame(model, [{ index: 0, delta: { content: 'Half' }, finish_reason: null }]));
    response.end();
  },
  silent: () => {},
  endless: (response, { model }) => {
    startEvents(response);
    const write = (): void => {
      response.write(frame(model, [{ index: 0, delta: { content: '.' }, finish_reason: null }]));
    };
    write();
    const timer = setInterval(write, 50);
    response.once('close', () => clearInterval(timer));
  },
};

/** Starts it on a free loopback port. */
export async function startScriptedUpstream(): Promise<ScriptedUpstream> {
  const waiting = new Map<string, PromiseWithResolvers<void>>();
  const leave = (model: string): PromiseWithResolvers<void> => {
    const known = waiting.get(model) ?? Promise.withResolvers<void>();
    waiting.set(model, known);
    return known;
  };
  const authorizations = new Map<string, string | undefined>();
  const server = createServer(async (request, response) => {
    const wanted = (await json(request)) as Wanted;
    const { authorization } = request.headers;
    if (request.url === redirectsTo) {
      authorizations.set(redirectsTo, authorization);
      return speaker(response, wanted);
    }
    authorizations.set(wanted.model, authorization);
    response.once('close', () => {
      if (!response.writableFinished) leave(wanted.model).resolve();
    });
    scripts[wanted.model]?.(response, wanted);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    authorizations,
    left: (model) => leave(model).promise,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answer(response: ServerResponse, model: string): void {
  const message = { role: 'assistant', content: answerText };
  const choices = [{ index: 0, message, finish_reason: 'stop', logprobs: null }];
  sendJson(response, 200, {
    id: 'chatcmpl-7',
    object: 'chat.completion',
    created: 1_700_000_000,
    model,
    choices,
    usage,
  });
}

/** Written in pieces that cut a character in two. */
function speak(response: ServerResponse, model: string): void {
  startEvents(response);
  const frames =
    frame(model, [{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }]) +
    frame(model, [{ index: 0, delta: { content: answerText }, finish_reason: null }]) +
    frame(model, [{ index: 0, delta: {}, finish_reason: 'stop' }]) +
    frame(model, [], { usage }) +
    'data: [DONE]\n\n';
  const bytes = Buffer.from(frames);
  const middle = bytes.indexOf('👋') + 2;
  response.write(bytes.subarray(0, middle), () => response.end(bytes.subarray(middle)));
}

function frame(model: string, choices: readonly unknown[], rest: object = {}): string {
  const chunk = { id: 'chatcmpl-7', object: 'chat.completion.chunk', created: 1_700_000_000, model, choices, ...rest };
  return `data: ${JSON.stringify(chunk)}\n\n`;
}

function startEvents(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
