import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';
import { destination, type Logger, pino } from 'pino';
import type { HostConfig } from './config.ts';

/** JSON lines on standard error; standard output belongs to what a person reads. Never holds keys, prompts or answers. */
export function createLogger(config: Pick<HostConfig, 'logLevel'>): Logger {
  return pino(
    { level: config.logLevel, base: null, timestamp: () => `,"time":"${new Date().toISOString()}"` },
    destination(2),
  );
}

/**
 * Logs requests that failed by our fault. A version that is loading or overloaded is a state and not a fault: one line
 * without a stack.
 */
export function createFailureLog(logger: Logger): (error: unknown, requestId: string) => void {
  return (error, requestId) => {
    if (error instanceof ScarmonitError && (error.kind === 'not_ready' || error.kind === 'overloaded')) {
      logger.warn({ requestId, kind: error.kind }, error.message);
    } else {
      logger.error({ requestId, err: error }, 'request failed');
    }
  };
}
