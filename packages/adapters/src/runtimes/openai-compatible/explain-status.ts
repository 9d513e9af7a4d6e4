import { type ErrorKind, ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import { readErrorBody } from './read-error-body.ts';
import { UpstreamFailure } from './upstream-failure.ts';

/** An answer that is no success. */
export interface RefusedAnswer {
  readonly status: number;
  /** As much of the body as was read. */
  readonly text: string;
  readonly retryAfterMs: number | undefined;
  /** Makes the upstream's words public. */
  clean(message: string): string;
  /** Whether text shows what a client must not see. */
  holdsSecret(text: string): boolean;
}

/** What a status other than 2xx means for the caller, for the target and for a retry. */
export function explainStatus(answer: RefusedAnswer): UpstreamFailure {
  const { status, retryAfterMs } = answer;
  if (status === 429) return explainRateLimit(answer);
  if (status >= 500 || status === 408 || status === 425) {
    const error = engineFailure(answer, `The upstream failed with status ${status}.`, 'upstream_error');
    return new UpstreamFailure(error, { retry: 'anywhere', isTargetsFault: true, retryAfterMs });
  }
  if (status === 401 || status === 403) {
    const error = engineFailure(answer, 'The upstream refused its key.', 'upstream_auth_failed');
    return new UpstreamFailure(error, { retry: 'elsewhere', isTargetsFault: true });
  }
  if (status === 404 || status === 405 || status < 400) {
    const what =
      status < 400
        ? `sent the request elsewhere (status ${status})`
        : `knows neither model nor path (status ${status})`;
    const error = engineFailure(answer, `The upstream ${what}.`, 'upstream_model_not_found');
    return new UpstreamFailure(error, { retry: 'elsewhere', isTargetsFault: true });
  }
  return explainBadRequest(answer);
}

function explainRateLimit(answer: RefusedAnswer): UpstreamFailure {
  const { retryAfterMs } = answer;
  const { message, code } = readErrorBody(answer.text, answer.holdsSecret);
  const error = new ScarmonitError(
    'rate_limited',
    message === undefined ? 'The upstream has had too many requests. Try again later.' : answer.clean(message),
    { code: code ?? 'rate_limit_exceeded', ...(retryAfterMs === undefined ? {} : { retryAfterMs }) },
  );
  // An empty account stays empty, however long one waits.
  const retry = code === 'insufficient_quota' ? 'elsewhere' : 'anywhere';
  return new UpstreamFailure(error, { retry, isTargetsFault: true, retryAfterMs });
}

function explainBadRequest({ status, text, clean, holdsSecret }: RefusedAnswer): UpstreamFailure {
  const { message, code, param } = readErrorBody(text, holdsSecret);
  const isTooLong = code === 'context_length_exceeded' || /context (length|size|window)/i.test(message ?? '');
  const kind: ErrorKind =
    status === 413 ? 'payload_too_large' : isTooLong ? 'context_length_exceeded' : 'invalid_request';
  const error = new ScarmonitError(
    kind,
    message === undefined ? `The upstream refused the request with status ${status}.` : clean(message),
    {
      ...(isTooLong ? { code: 'context_length_exceeded' } : code === undefined ? {} : { code }),
      ...(param === undefined ? {} : { param }),
    },
  );
  return new UpstreamFailure(error, { retry: 'never', isTargetsFault: false });
}

function engineFailure(answer: RefusedAnswer, message: string, code: string): ScarmonitError {
  const { text, clean, holdsSecret } = answer;
  const said = readErrorBody(text, holdsSecret).message ?? text;
  return new ScarmonitError('engine_failure', message, { code, cause: clean(said) });
}
