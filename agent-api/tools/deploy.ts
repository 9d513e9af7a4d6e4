// Migrates D1, uploads the worker and puts it live.
//
//   npm run deploy -- [--env production | staging] [--dry-run]

import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { folder, readToolsConfig } from './config.ts';
import { measureBundle, mostGzippedBytes } from './measure-bundle.ts';
import { readWranglerConfig } from './read-wrangler-config.ts';
import { exitCodeOf, startWrangler } from './run-wrangler.ts';
import { writeMigrations } from './write-migrations.ts';

const { values } = parseArgs({
  options: { env: { type: 'string', default: 'production' }, 'dry-run': { type: 'boolean', default: false } },
});
const config = readToolsConfig();
const environment = values.env;
const bundle = join(folder, '.wrangler', 'bundle');

const migrations = writeMigrations(join(folder, '.wrangler', 'migrations'), Date.now());
process.stdout.write(`The store needs ${migrations.length} migrations: ${migrations.join(', ')}\n`);

await run('deploy', '--dry-run', '--env', environment, '--outdir', bundle);
const { gzippedBytes } = measureBundle(bundle);
process.stdout.write(
  `The worker is ${Math.ceil(gzippedBytes / 1024)} KiB gzipped; at most ${mostGzippedBytes / 1024} KiB.\n`,
);
if (gzippedBytes > mostGzippedBytes) stop('The worker is too large. Look at what it imports.');
if (values['dry-run']) stop('Nothing was deployed (--dry-run).', 0);

requireIds();
await run('d1', 'migrations', 'apply', 'DB', '--remote', '--env', environment);
await run('deploy', '--env', environment);
process.stdout.write(
  'Deployed. Without its secrets the worker answers 503 and says which is missing:\n' +
    `  npx wrangler secret put API_KEY --env ${environment}\n` +
    `  npx wrangler secret put ENCRYPTION_KEY --env ${environment}\n`,
);

async function run(...args: readonly string[]): Promise<void> {
  const code = await exitCodeOf(startWrangler(config, args));
  if (code !== 0) stop(`wrangler ${args.slice(0, 3).join(' ')} ended with ${code}; nothing after it was done.`, code);
}

/** Zeros stand in wrangler.jsonc until the resources exist. */
function requireIds(): void {
  const settings = readWranglerConfig().env[environment];
  if (settings === undefined) stop(`wrangler.jsonc has no environment ${environment}.`);
  const { d1_databases = [], kv_namespaces = [] } = settings;
  const ids = [...d1_databases.map(({ database_id }) => database_id), ...kv_namespaces.map(({ id }) => id)];
  if (ids.some((id) => id === undefined || /^[0-]+$/.test(id))) {
    stop(
      `The ids of D1 and KV in wrangler.jsonc are not filled in for ${environment}. Create them with npx wrangler d1 create, npx wrangler kv namespace create and npx wrangler r2 bucket create, and write their ids there.`,
    );
  }
}

function stop(message: string, code = 1): never {
  (code === 0 ? process.stdout : process.stderr).write(`${message}\n`);
  process.exit(code);
}
