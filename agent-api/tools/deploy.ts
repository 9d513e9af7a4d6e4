// Migrates D1, uploads the worker and puts it live.
//
//   npm run deploy -- [--env production | staging] [--dry-run]
//
// The first time, `npx scarmonit deploy --target cloudflare` makes what the worker needs before.

import { parseArgs } from 'node:util';
import { readToolsConfig, wranglerConfigPath } from './config.ts';
import { deployWorker } from './deploy-worker.ts';

const { values } = parseArgs({
  options: { env: { type: 'string', default: 'production' }, 'dry-run': { type: 'boolean', default: false } },
});
try {
  await deployWorker({
    config: readToolsConfig(),
    configPath: wranglerConfigPath,
    environment: values.env,
    isDryRun: values['dry-run'],
    output: process.stdout,
  });
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
