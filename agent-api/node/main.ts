import { once } from 'node:events';
import { readConfig } from './config.ts';
import { createStartDisplay } from './start-display.ts';
import { type NodeHost, startNodeHost } from './start-node-host.ts';

const display = createStartDisplay(process.stdout);
const stopping = new AbortController();
let host: NodeHost | undefined;

const stop = (): void => {
  // A second signal means now.
  if (stopping.signal.aborted) process.exit(130);
  display.stopping();
  stopping.abort();
};
process.on('SIGTERM', stop);
process.on('SIGINT', stop);
process.on('SIGHUP', () => void host?.reload());

try {
  const config = readConfig();
  host = await startNodeHost(config, { events: display.events, signal: stopping.signal });
  display.ready(host, config);
  if (!stopping.signal.aborted) await once(stopping.signal, 'abort');
  await host.close();
  process.exit(0);
} catch (error) {
  display.end();
  if (stopping.signal.aborted && host === undefined) process.exit(0);
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
