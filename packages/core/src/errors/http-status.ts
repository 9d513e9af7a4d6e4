import type { ErrorKind } from './scarmonit-error.ts';

/** The HTTP status of each kind of failure. 499 is nginx's "client closed request": recorded, never sent. */
export const httpStatusOf: Readonly<Record<ErrorKind, number>> = {
  unauthenticated: 401,
  forbidden: 403,
  invalid_request: 400,
  unsupported: 400,
  context_length_exceeded: 400,
  payload_too_large: 413,
  not_found: 404,
  unknown_model: 404,
  unknown_version: 404,
  conflict: 409,
  rate_limited: 429,
  overloaded: 503,
  not_ready: 503,
  engine_failure: 503,
  bad_gateway: 502,
  timeout: 504,
  cancelled: 499,
  internal: 500,
};
