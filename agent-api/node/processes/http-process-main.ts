/**
 * The program of an HTTP process. Its primary forks it, tells it what to serve, and drains it. It ends with its primary,
 * whose limits and keys it must not outlive.
 */
import type { HttpProcessContract, PrimaryContract } from '@scarmonit/adapters/process-channel/http-process-contract';
import { type IpcEnd, openProcessChannel } from '@scarmonit/adapters/process-channel/process-channel';
import { createSystemClock } from '@scarmonit/adapters/system/system-clock';
import { createSystemIds } from '@scarmonit/adapters/system/system-ids';
import { readConfig } from '../config.ts';
import { createLogger } from '../logger.ts';
import { openTracing } from '../open-tracing.ts';
import { composeHttpProcess } from './compose-http-process.ts';

// A terminal's Ctrl-C and a service manager's stop go to the whole group. The primary drains its processes.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
process.on('disconnect', () => process.exit(0));

const end: IpcEnd = {
  send: (message, callback) => process.send?.(message, undefined, undefined, callback),
  on: (event: 'message' | 'disconnect', listener: (message: unknown) => void) => process.on(event, listener),
  get connected() {
    return process.connected;
  },
};
const config = readConfig();
const logger = createLogger(config).child({ processId: process.pid });
const tracing = await openTracing(config, createSystemClock(), createSystemIds(), logger);
openProcessChannel<HttpProcessContract, PrimaryContract>(end, (primary) =>
  composeHttpProcess({ config, logger, primary, tracing }),
);
