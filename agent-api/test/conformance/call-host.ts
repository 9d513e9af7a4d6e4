/** A running host, whichever it is. */
export interface ConformanceHost {
  readonly url: string;
  readonly adminKey: string;
  close(): Promise<void>;
}

/** What a host answered, read to its end. */
export interface Answer {
  readonly status: number;
  /** Without those that tell of the connection, the time or the request alone. */
  readonly headers: Readonly<Record<string, string>>;
  readonly requestId: string | null;
  readonly text: string;
}

/** Of the connection, and of the moment. `keep-alive` and the like are not the app's. */
const ofTheMoment = new Set([
  'connection',
  'content-length',
  'date',
  'keep-alive',
  'openai-processing-ms',
  'transfer-encoding',
  'vary',
  'x-request-id',
]);

export interface CallOptions {
  readonly method?: string;
  readonly key?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | object;
  readonly signal?: AbortSignal;
}

/** Asks a host and reads the whole answer. */
export async function callHost(host: ConformanceHost, path: string, options: CallOptions = {}): Promise<Answer> {
  const response = await openCall(host, path, options);
  const text = await response.text();
  const headers = Object.fromEntries([...response.headers].filter(([name]) => !ofTheMoment.has(name)));
  return { status: response.status, headers, requestId: response.headers.get('x-request-id'), text };
}

/** Asks a host; the body is the caller's to read. */
export function openCall(host: ConformanceHost, path: string, options: CallOptions = {}): Promise<Response> {
  const { method, body, headers = {}, signal } = options;
  const key = 'key' in options ? options.key : host.adminKey;
  return fetch(host.url + path, {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: {
      // Compression is between the client and whatever carries the bytes: Cloudflare's edge does it, and its stand-in here.
      'accept-encoding': 'identity',
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      ...(typeof body === 'object' ? { 'content-type': 'application/json' } : {}),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'object' ? JSON.stringify(body) : body }),
    ...(signal === undefined ? {} : { signal }),
  });
}

export const chatBody = (model: string, more: object = {}): object => ({
  model,
  messages: [{ role: 'user', content: 'Hello' }],
  ...more,
});

/** The `error` object of an answer. */
export function errorOf(answer: Answer): { readonly message: string } & Readonly<Record<string, unknown>> {
  return (JSON.parse(answer.text) as { error: { message: string } & Record<string, unknown> }).error;
}
