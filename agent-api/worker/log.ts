import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';

/** One JSON line for `wrangler tail` and Workers Logs. Never holds keys, prompts or answers. */
export function log(
  level: 'info' | 'warn' | 'error',
  message: string,
  details: Readonly<Record<string, unknown>> = {},
): void {
  const { err, error = err, ...rest } = details;
  const line = JSON.stringify({ level, message, ...rest, ...(error === undefined ? {} : { error: describe(error) }) });
  console[level](line);
}

/** Logs requests that failed by our fault; a version that is loading or overloaded is a state and not a fault. */
export function logFailure(error: unknown, requestId: string): void {
  if (error instanceof ScarmonitError && (error.kind === 'not_ready' || error.kind === 'overloaded')) {
    log('warn', error.message, { requestId, kind: error.kind });
  } else {
    log('error', 'request failed', { requestId, error });
  }
}

function describe(error: unknown): Readonly<Record<string, unknown>> {
  if (!(error instanceof Error)) return { message: String(error) };
  return {
    name: error.name,
    message: error.message,
    stack: error.stack,
    ...(error.cause === undefined ? {} : { cause: describe(error.cause) }),
  };
}
