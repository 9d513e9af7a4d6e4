import { performance } from 'node:perf_hooks';

/** How one request ended, as its client saw it. */
export interface Ending {
  /** What the request said it was from: names it also at the upstream. */
  readonly user: string;
  /** `cut`: the connection ended before any answer. `broken`: anything else that is not a whole answer. */
  readonly how: 'whole' | 'refused' | 'cut' | 'broken';
  /** What a broken answer was. */
  readonly detail: string;
  readonly requestId: string | undefined;
  readonly version: string | undefined;
  /** Body as it came. */
  readonly text: string;
  /** By `performance.now()`. */
  readonly startedAt: number;
  readonly endedAt: number;
}

export interface AskOptions {
  readonly url: string;
  readonly key: string;
  readonly user: string;
  readonly stream: boolean;
  /** Default: `mock-chat`. */
  readonly model?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends a chat request over a connection that is kept alive, and reads the whole answer. Never rejects. */
export async function ask(options: AskOptions): Promise<Ending> {
  const startedAt = performance.now();
  let response: Response | undefined;
  let text = '';
  let how: Ending['how'] = 'broken';
  let detail = '';
  try {
    response = await fetchChat(options);
    text = await response.text();
    const isWhole = response.ok && (options.stream ? text.endsWith('data: [DONE]\n\n') : text.endsWith('}'));
    if (isWhole) how = 'whole';
    else detail = `${response.status} ${text.slice(-300)}`;
  } catch (error) {
    const { code = String(error) } = ((error as Error).cause ?? {}) as { readonly code?: string };
    detail = code;
    if (code === 'ECONNREFUSED') how = 'refused';
    else if (response === undefined) how = 'cut';
  }
  return {
    user: options.user,
    how,
    detail,
    requestId: response?.headers.get('x-request-id') ?? undefined,
    version: response?.headers.get('x-model-version') ?? undefined,
    text,
    startedAt,
    endedAt: performance.now(),
  };
}

function fetchChat({ url, key, user, stream, model = 'mock-chat', headers }: AskOptions): Promise<Response> {
  return fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ model, user, stream, messages: [{ role: 'user', content: 'Hello' }] }),
  });
}

export interface ClientLoop {
  /** Of all requests that have ended. */
  readonly endings: readonly Ending[];
  /** Lets each client finish its request and resolves when all have. */
  stop(): Promise<void>;
}

/** Clients that ask again as soon as they are answered; every other one streams. They give up when they are refused. */
export function loopClients(count: number, target: Pick<AskOptions, 'url' | 'key'>): ClientLoop {
  const endings: Ending[] = [];
  let stopped = false;
  let asked = 0;
  const run = async (stream: boolean): Promise<void> => {
    while (!stopped) {
      asked += 1;
      const ending = await ask({ ...target, user: `${stream ? 'streaming' : 'json'}-${asked}`, stream });
      endings.push(ending);
      if (ending.how === 'refused') return;
    }
  };
  const clients = Array.from({ length: count }, (_, index) => run(index % 2 === 1));
  return {
    endings,
    stop: async () => {
      stopped = true;
      await Promise.all(clients);
    },
  };
}
