import { httpStatusOf } from '@scarmonit/core/errors/http-status';
import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import type { ErrorBody } from '@scarmonit/protocol/openai/error';
import { RateLimitRefusal } from './rate-limit-refusal.ts';
import { wireErrors } from './wire-errors.ts';

/** The status and the public words of a failure. */
export interface PublicError {
  readonly status: number;
  readonly body: ErrorBody;
  readonly retryAfterMs: number | undefined;
}

const internalError: PublicError = {
  status: 500,
  body: {
    message: 'The server had an error while processing your request. Sorry about that!',
    type: 'server_error',
    param: null,
    code: 'internal_error',
  },
  retryAfterMs: undefined,
};

/** What a client may know of anything that was thrown. Only a {@link ScarmonitError} speaks for itself. */
export function toPublicError(error: unknown): PublicError {
  if (!(error instanceof ScarmonitError) || error.kind === 'internal') {
    return internalError;
  }
  const wire = wireErrors[error.kind];
  return {
    status: httpStatusOf[error.kind],
    body: {
      message: error.message,
      type: error instanceof RateLimitRefusal ? error.exhausted : wire.type,
      param: error.param ?? null,
      code: error.code ?? wire.code,
    },
    retryAfterMs: error.retryAfterMs,
  };
}
