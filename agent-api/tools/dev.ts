// The worker on this machine, with local KV, R2, D1 and Durable Objects.
//
//   npm run dev -- [--port 8787] [--answers starter | built-in] [--max-tokens 256] [--remote-ai]
//                  [--state DIR]
//
// Workers AI is the emulator: it answers from the starter models, in up to 256 tokens because they are slow on a small
// machine, or at once with canned answers. With --remote-ai it is Cloudflare's, which needs an account and is billed to it.

import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { buildPortal } from '../node/portal/build-portal.ts';
import { readMostTokens } from '../workers-ai-emulator/config.ts';
import { usualMaxTokens } from '../workers-ai-emulator/validate-inputs.ts';
import { folder, portalFolder, readToolsConfig, wranglerConfigPath } from './config.ts';
import { writeDevSecrets } from './dev-secrets.ts';
import { exitCodeOf, startWrangler } from './run-wrangler.ts';
import { startLocalAi } from './start-local-ai.ts';
import { writeRemoteAiConfig } from './write-remote-ai-config.ts';

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

async function main(): Promise<void> {
  const { port, state, answers, mostTokens, isRemoteAi } = readOptions();
  const config = readToolsConfig();
  const secrets = writeDevSecrets(state, config);
  await buildPortal({ folder: portalFolder, onProgress: (message) => process.stdout.write(`${message}\n`) });
  const localAi = isRemoteAi ? undefined : await startLocalAi({ config, state, answers, mostTokens });
  const configs = localAi === undefined ? [writeRemoteAiConfig(state)] : [wranglerConfigPath, localAi.configPath];
  const wrangler = startWrangler(
    config,
    [
      'dev',
      ...configs.flatMap((path) => ['--config', path]),
      ...['--env', 'dev', '--ip', '127.0.0.1', '--port', port, '--inspector-port', '0'],
      ...['--persist-to', state, '--env-file', secrets.path, '--show-interactive-dev-session=false'],
    ],
    'pipe',
  );
  let crons: NodeJS.Timeout | undefined;
  let line = '';
  wrangler.stdout?.setEncoding('utf8').on('data', (text: string) => {
    process.stdout.write(text);
    if (crons !== undefined) return;
    line = (line + text).slice(-4_096);
    const url = /Ready on (http:\/\/\S+)\s/.exec(line)?.[1];
    if (url === undefined) return;
    crons = runCrons(url);
    process.stdout.write(
      `\nScarmonit is ready at ${url}\n${secrets.isOurs ? `API key: ${secrets.adminKey}\n` : 'API key: the one in SCARMONIT_ADMIN_KEY\n'}` +
        `${localAi === undefined ? 'Workers AI is Cloudflare’s.' : `Workers AI is the emulator at ${localAi.url}`}\n\n`,
    );
  });
  process.exitCode = await exitCodeOf(wrangler);
  clearInterval(crons);
  await localAi?.close();
}

function readOptions() {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '8787' },
      state: { type: 'string', default: join(folder, '.wrangler', 'state') },
      answers: { type: 'string', default: 'starter' },
      'max-tokens': { type: 'string', default: String(usualMaxTokens) },
      'remote-ai': { type: 'boolean', default: false },
    },
  });
  const { answers } = values;
  if (answers !== 'starter' && answers !== 'built-in') {
    throw new Error(`--answers must be starter or built-in, not ${answers}.`);
  }
  return {
    port: values.port,
    state: resolve(values.state),
    answers,
    mostTokens: readMostTokens(values['max-tokens']),
    isRemoteAi: values['remote-ai'],
  } as const;
}

/** Wrangler does not run them by itself (developers.cloudflare.com/workers/configuration/cron-triggers). */
function runCrons(url: string): NodeJS.Timeout {
  const run = (): void => void fetch(`${url}/cdn-cgi/local/scheduled?cron=*+*+*+*+*`).catch(() => undefined);
  return setInterval(run, 60_000);
}
