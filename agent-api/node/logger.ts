import { destination, type Logger, pino } from 'pino';
import type { HostConfig } from './config.ts';

/** JSON lines on standard error; standard output belongs to what a person reads. Never holds keys, prompts or answers. */
export function createLogger(config: Pick<HostConfig, 'logLevel'>): Logger {
  return pino({ level: config.logLevel, base: null, timestamp: () => `,"time":"${new Date().toISOString()}"` }, destination(2));
}
