/**
 * Every kind of failure that a caller may see. `server/errors` maps each to HTTP in one place.
 *
 * - `unauthenticated`, `forbidden`: who you are or what your key may do
 * - `invalid_request`, `unsupported`, `context_length_exceeded`, `payload_too_large`: change the request
 * - `not_found`, `unknown_model`, `unknown_version`: it is not here
 * - `conflict`: someone else changed it first, or it is immutable
 * - `rate_limited`, `overloaded`, `not_ready`: try again after `retryAfterMs`
 * - `engine_failure`: the engine or upstream broke; `bad_gateway`: the upstream cannot be reached or makes no sense;
 *   `timeout`: it took too long; `cancelled`: the caller left
 * - `internal`: our own fault; the message never leaves the process
 */
export type ErrorKind =
  | 'unauthenticated'
  | 'forbidden'
  | 'invalid_request'
  | 'unsupported'
  | 'context_length_exceeded'
  | 'payload_too_large'
  | 'not_found'
  | 'unknown_model'
  | 'unknown_version'
  | 'conflict'
  | 'rate_limited'
  | 'overloaded'
  | 'not_ready'
  | 'engine_failure'
  | 'bad_gateway'
  | 'timeout'
  | 'cancelled'
  | 'internal';

export interface ErrorDetails {
  /** Machine-readable code on the wire where it is finer than the kind, such as `invalid_api_key`. */
  readonly code?: string;
  /** The request field to change, as a path: `messages[0].content`. */
  readonly param?: string;
  /** When trying again may help, in milliseconds. */
  readonly retryAfterMs?: number;
  /** What really happened, for logs only. Never sent to a client. */
  readonly cause?: unknown;
}

/** A failure whose `message` is fit for the caller's eyes and says what to change; the cause stays inside. */
export class ScarmonitError extends Error {
  override readonly name = 'ScarmonitError';
  readonly kind: ErrorKind;
  readonly code: string | undefined;
  readonly param: string | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(kind: ErrorKind, message: string, details: ErrorDetails = {}) {
    super(message, { cause: details.cause });
    this.kind = kind;
    this.code = details.code;
    this.param = details.param;
    this.retryAfterMs = details.retryAfterMs;
  }
}

/** A failure as plain data, to cross a process boundary. */
export interface ErrorData {
  readonly kind: ErrorKind;
  readonly message: string;
  readonly code?: string;
  readonly param?: string;
  readonly retryAfterMs?: number;
}

/** Turns any thrown value into data; what is not a {@link ScarmonitError} becomes `fallback` with its message. */
export function toErrorData(error: unknown, fallback: ErrorKind = 'internal'): ErrorData {
  if (error instanceof ScarmonitError) {
    return {
      kind: error.kind,
      message: error.message,
      ...(error.code === undefined ? {} : { code: error.code }),
      ...(error.param === undefined ? {} : { param: error.param }),
      ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
    };
  }
  return { kind: fallback, message: error instanceof Error ? error.message : String(error) };
}

/** The inverse of {@link toErrorData}. */
export function fromErrorData(data: ErrorData): ScarmonitError {
  return new ScarmonitError(data.kind, data.message, data);
}
