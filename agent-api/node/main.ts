import { ConfigError, readConfig } from './config.ts';
import { createStartDisplay } from './start-display.ts';
import { startNodeHost } from './start-node-host.ts';

const display = createStartDisplay(process.stdout);
try {
  const config = readConfig();
  const host = await startNodeHost(config, display.events);
  display.ready(host, config);
  let closing = false;
  const stop = (): void => {
    // A second signal means now.
    if (closing) process.exit(130);
    closing = true;
    display.stopping();
    host.close().then(
      () => process.exit(0),
      (error: unknown) => fail(error),
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  process.on('SIGHUP', () => void host.reload());
} catch (error) {
  fail(error);
}

function fail(error: unknown): never {
  const expected = error instanceof ConfigError || error instanceof Error;
  process.stderr.write(`${expected ? error.message : String(error)}\n`);
  process.exit(1);
}
