export interface ApiErrorDetails {
  /** HTTP status; for an error inside a stream the one that the server would have sent. */
  readonly status: number;
  readonly code?: string | undefined;
  readonly type?: string | undefined;
  /** The request field to change. */
  readonly param?: string | undefined;
  readonly requestId?: string | undefined;
  readonly retryAfterMs?: number | undefined;
}

/** The server answered, and the answer is no. `message` is the server's own, fit to be shown. */
export class ScarmonitApiError extends Error {
  override readonly name = 'ScarmonitApiError';
  readonly status: number;
  readonly code: string | undefined;
  readonly type: string | undefined;
  readonly param: string | undefined;
  readonly requestId: string | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(message: string, details: ApiErrorDetails) {
    super(message);
    this.status = details.status;
    this.code = details.code;
    this.type = details.type;
    this.param = details.param;
    this.requestId = details.requestId;
    this.retryAfterMs = details.retryAfterMs;
  }
}

/** Nothing that could be understood answered at the address; `message` says what to do. */
export class ScarmonitUnreachableError extends Error {
  override readonly name = 'ScarmonitUnreachableError';
}

/** Makes the error of a refused request from what was answered, whether or not it has our shape. */
export async function toApiError(response: Response): Promise<ScarmonitApiError> {
  const text = await response.text().catch(() => '');
  const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN);
  const details = {
    status: response.status,
    requestId: response.headers.get('x-request-id') ?? undefined,
    retryAfterMs: Number.isFinite(retryAfter) ? retryAfter * 1000 : undefined,
  };
  return (
    readErrorBody(text, details) ??
    new ScarmonitApiError(`The server answered ${response.status} without saying why.`, details)
  );
}

/** Reads `{error: {message, type, param, code}}`, the error shape of OpenAI's API; undefined when it is another. */
export function readErrorBody(text: string, details: ApiErrorDetails): ScarmonitApiError | undefined {
  const body = parseJson(text);
  if (!isRecord(body) || !isRecord(body.error) || typeof body.error.message !== 'string') return undefined;
  const { message, code, type, param } = body.error;
  return new ScarmonitApiError(message, {
    ...details,
    code: textOf(code),
    type: textOf(type),
    param: textOf(param),
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
