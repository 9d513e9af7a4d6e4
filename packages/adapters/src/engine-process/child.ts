/**
 * The program of an engine process: connects {@link EngineServer} to the IPC channel of the host that forked it.
 */
import { inspect } from 'node:util';
import type { EngineModule } from '@scarmonit/core/ports/engine';
import { createOutbox } from './outbox.ts';
import type { FromEngine, ToEngine } from './protocol.ts';
import { EngineServer } from './serve-engine.ts';

// A terminal's Ctrl-C and a service manager's stop go to the whole group. The host drains and then ends its engines,
// so they must not end by themselves before.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

// The host is gone and nobody needs a tidy end. SIGKILL because exit handlers of native code may wait for work that
// still runs.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));

const send = createOutbox<FromEngine>((batch) => process.send?.(batch), setImmediate);

const server = new EngineServer({
  importEngine: async (moduleUrl) => (await import(moduleUrl)) as EngineModule,
  send,
  residentBytes: () => process.memoryUsage.rss(),
  log: (error) => process.stderr.write(`${inspect(error)}\n`),
  // The second turn is after the outbox's; the callback of an empty write is after all writes before it.
  finish: (exitCode) => setImmediate(() => process.send?.([], () => process.exit(exitCode))),
});

process.on('message', (batch: readonly ToEngine[]) => {
  for (const message of batch) server.receive(message);
});
