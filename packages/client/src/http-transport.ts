import { ScarmonitApiError, ScarmonitUnreachableError, toApiError } from './scarmonit-api-error.ts';

/** How each call may be shaped. */
export interface CallOptions {
  /** Cancels the call, and with it the work on the server. */
  readonly signal?: AbortSignal | undefined;
  /** `X-Model-Version`: a version, `stable` or `candidate`. */
  readonly modelVersion?: string | undefined;
}

export interface HttpCall extends CallOptions {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** From the base address, beginning with a slash. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly json?: unknown;
  readonly text?: { readonly contentType: string; readonly body: string };
  /** Statuses that are answers too, besides 2xx. */
  readonly accept?: readonly number[];
}

/** What checks and types an answer; each zod schema of the protocol is one. */
export interface AnswerSchema<Answer> {
  safeParse(
    value: unknown,
  ):
    | { readonly success: true; readonly data: Answer }
    | { readonly success: false; readonly error: { readonly issues: readonly AnswerIssue[] } };
}

interface AnswerIssue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

export interface HttpTransport {
  /** @throws ScarmonitApiError when refused, ScarmonitUnreachableError when nothing answers */
  send(call: HttpCall): Promise<Response>;
  /** Sends and reads the JSON answer. @throws also ScarmonitApiError `unexpected_answer` when it has another shape */
  read<Answer>(call: HttpCall, schema: AnswerSchema<Answer>): Promise<Answer>;
}

export interface TransportOptions {
  readonly baseUrl: string;
  readonly apiKey: string | undefined;
  readonly fetch: typeof fetch;
}

/** One place that knows of addresses, headers and errors. @throws ScarmonitUnreachableError for a base that is no http(s) address */
export function createHttpTransport({ baseUrl, apiKey, fetch }: TransportOptions): HttpTransport {
  const base = parseBaseUrl(baseUrl);

  const send = async (call: HttpCall): Promise<Response> => {
    const url = `${base}${call.path}${formatQuery(call.query)}`;
    const headers = new Headers({ accept: 'application/json, text/event-stream' });
    if (apiKey !== undefined && apiKey !== '') headers.set('authorization', `Bearer ${apiKey}`);
    if (call.modelVersion !== undefined) headers.set('x-model-version', call.modelVersion);
    if (call.json !== undefined) headers.set('content-type', 'application/json');
    if (call.text !== undefined) headers.set('content-type', call.text.contentType);
    const body = call.text?.body ?? (call.json === undefined ? null : JSON.stringify(call.json));
    let response: Response;
    try {
      response = await fetch(url, { method: call.method, headers, body, signal: call.signal ?? null });
    } catch (error) {
      if (call.signal?.aborted === true) throw error;
      throw new ScarmonitUnreachableError(explainUnreachable(base, error), { cause: error });
    }
    if (response.ok || call.accept?.includes(response.status) === true) return response;
    throw await toApiError(response);
  };

  return {
    send,
    read: async (call, schema) => {
      const response = await send(call);
      const result = schema.safeParse(await readJson(response));
      if (result.success) return result.data;
      throw unexpectedAnswer(base, response, result.error.issues[0]);
    },
  };
}

function parseBaseUrl(text: string): string {
  const url = URL.parse(text);
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    throw new ScarmonitUnreachableError(
      `'${text}' is not the address of a server; give one such as http://127.0.0.1:8787.`,
    );
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}

function formatQuery(query: HttpCall['query'] = {}): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) parameters.set(name, String(value));
  }
  return parameters.size === 0 ? '' : `?${parameters}`;
}

async function readJson(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    return undefined;
  }
}

function unexpectedAnswer(base: string, response: Response, issue: AnswerIssue | undefined): ScarmonitApiError {
  const where = issue === undefined || issue.path.length === 0 ? 'the answer' : `'${issue.path.map(String).join('.')}'`;
  return new ScarmonitApiError(
    `The server at ${base} does not answer as this version of Scarmonit does (${where}: ${issue?.message ?? 'unreadable'}). ` +
      'Check the address, and that client and server are of the same version.',
    {
      status: response.status,
      code: 'unexpected_answer',
      requestId: response.headers.get('x-request-id') ?? undefined,
    },
  );
}

function explainUnreachable(base: string, error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : undefined;
  if (code === 'ECONNREFUSED')
    return `No server answers at ${base}. Start one with 'npm start', or correct the address.`;
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return `The host of ${base} cannot be found. Correct the address.`;
  const reason = cause instanceof Error ? cause.message : error instanceof Error ? error.message : String(error);
  return `The server at ${base} cannot be reached: ${reason}. Check that it runs and that the address is right.`;
}
