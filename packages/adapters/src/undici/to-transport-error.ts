import { HttpTransportError } from '@scarmonit/core/ports/http-transport';
import { errors } from 'undici';

/** @param wasSent whether the request had a connection when it failed */
export function toTransportError(error: unknown, wasSent: boolean): HttpTransportError {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof errors.HeadersTimeoutError) return new HttpTransportError('first-byte-timeout', message, error);
  if (error instanceof errors.BodyTimeoutError) return new HttpTransportError('idle-timeout', message, error);
  if (error instanceof errors.ClientDestroyedError || error instanceof errors.ClientClosedError) {
    return new HttpTransportError('aborted', message, error);
  }
  return new HttpTransportError(wasSent ? 'broken' : 'connect', message, error);
}
