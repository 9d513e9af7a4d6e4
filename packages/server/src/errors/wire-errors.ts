import type { ErrorKind } from '@scarmonit/core/errors/scarmonit-error';

/** How a kind of failure is named on the wire; `code` is used where the error brings no finer one. */
interface WireError {
  readonly type: 'invalid_request_error' | 'server_error' | 'requests';
  readonly code: string | null;
}

const invalid = (code: string | null): WireError => ({ type: 'invalid_request_error', code });
const server = (code: string): WireError => ({ type: 'server_error', code });

/**
 * Types and codes as api.openai.com sends them where it knows the failure (401 too is an `invalid_request_error`
 * there, with a null code when no key was sent), and names in the same style where it does not.
 */
export const wireErrors: Readonly<Record<ErrorKind, WireError>> = {
  unauthenticated: invalid(null),
  forbidden: invalid('insufficient_permissions'),
  invalid_request: invalid(null),
  unsupported: invalid('unsupported'),
  context_length_exceeded: invalid('context_length_exceeded'),
  payload_too_large: invalid('payload_too_large'),
  not_found: invalid('not_found'),
  unknown_model: invalid('model_not_found'),
  unknown_version: invalid('version_not_found'),
  conflict: invalid('conflict'),
  rate_limited: { type: 'requests', code: 'rate_limit_exceeded' },
  overloaded: server('overloaded'),
  not_ready: server('model_not_ready'),
  engine_failure: server('engine_failure'),
  bad_gateway: server('bad_gateway'),
  timeout: server('timeout'),
  cancelled: invalid('cancelled'),
  internal: server('internal_error'),
};
