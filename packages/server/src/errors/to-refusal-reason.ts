import { type ErrorKind, ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import type { RefusalReason } from '@scarmonit/core/metrics/refusals';
import { RateLimitRefusal } from './rate-limit-refusal.ts';

/** What a request may fail of before its model is looked up. */
const beforeModel: Partial<Readonly<Record<ErrorKind, RefusalReason>>> = {
  unauthenticated: 'unauthenticated',
  forbidden: 'forbidden',
  invalid_request: 'invalid_request',
  unsupported: 'invalid_request',
  payload_too_large: 'payload_too_large',
};
/** Afterwards only the look-up says this, and no version does. */
const atModel: Partial<Readonly<Record<ErrorKind, RefusalReason>>> = {
  unknown_model: 'unknown_model',
  unknown_version: 'unknown_version',
};

/**
 * Why a request was refused before it reached a version.
 * @param isOpened whether its model was looked up already
 * @returns undefined for what failed otherwise, and for what a version refused, which has a record
 */
export function toRefusalReason(error: unknown, isOpened: boolean): RefusalReason | undefined {
  if (error instanceof RateLimitRefusal) return 'rate_limited';
  if (!(error instanceof ScarmonitError)) return undefined;
  return atModel[error.kind] ?? (isOpened ? undefined : beforeModel[error.kind]);
}
