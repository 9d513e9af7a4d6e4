import { Command } from 'commander';
import { type CliContext, type JsonOption, showResult } from '../cli-context.ts';

interface ServeOptions extends JsonOption {
  readonly host?: string;
  readonly port?: string;
  readonly processes?: string;
  readonly dataDir?: string;
  readonly config?: string;
}

export function createServeCommand(context: CliContext): Command {
  return new Command('serve')
    .description('serve the models of the manifest; the first start fetches them')
    .option('--host <address>', 'address to listen on (HOST, 127.0.0.1)')
    .option('--port <number>', 'port to listen on, 0 for any that is free (PORT, 8787)')
    .option('--processes <number>', 'processes that answer HTTP requests (SCARMONIT_PROCESSES, 1)')
    .option('--data-dir <path>', 'where models and store are kept (SCARMONIT_DATA_DIR, .scarmonit)')
    .option('--config <path>', 'the manifest (SCARMONIT_CONFIG, scarmonit.yaml)')
    .addHelpText(
      'after',
      `
Ctrl-C lets the requests in flight finish; a second one ends at once.
With --json, one line of JSON with the address and the models is written when it is ready.

Examples:
  $ scarmonit serve
  $ scarmonit serve --processes 4
  $ scarmonit serve --port 9000 --config staging.yaml`,
    )
    .action(async (options: ServeOptions) => {
      const [{ readConfig }, { startNodeHost }, { createStartDisplay }] = await Promise.all([
        import('@scarmonit/agent-api/node/config'),
        import('@scarmonit/agent-api/node/start-node-host'),
        import('@scarmonit/agent-api/node/start-display'),
      ]);
      const config = readConfig(withOptions(context.config.env, options));
      const display = createStartDisplay(options.json === true ? process.stderr : process.stdout);
      const host = await startNodeHost(config, { events: display.events, signal: context.signal });
      const reload = (): void => void host.reload();
      process.on('SIGHUP', reload);
      const models = host.models().map(({ spec }) => spec.name);
      if (options.json !== true) display.ready(host, config);
      showResult(context, options, { url: host.url, models, key: host.bootstrapKey }, () => []);
      await aborted(context.signal);
      process.off('SIGHUP', reload);
      display.stopping();
      await host.close();
    });
}

function withOptions(
  env: CliContext['config']['env'],
  { host, port, processes, dataDir, config }: ServeOptions,
): CliContext['config']['env'] {
  return {
    ...env,
    ...(host === undefined ? {} : { HOST: host }),
    ...(port === undefined ? {} : { PORT: port }),
    ...(processes === undefined ? {} : { SCARMONIT_PROCESSES: processes }),
    ...(dataDir === undefined ? {} : { SCARMONIT_DATA_DIR: dataDir }),
    ...(config === undefined ? {} : { SCARMONIT_CONFIG: config }),
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
