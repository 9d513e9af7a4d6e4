import { once } from 'node:events';
import { dirname, join } from 'node:path';
import type { Writable } from 'node:stream';
import { buildPortal } from '../node/portal/build-portal.ts';
import { portalFolder, type ToolsConfig } from './config.ts';
import { measureBundle, mostGzippedBytes } from './measure-bundle.ts';
import { listWanted } from './provision/provision.ts';
import { exitCodeOf, startWrangler } from './run-wrangler.ts';
import { writeMigrations } from './write-migrations.ts';

export interface Deployment {
  readonly config: ToolsConfig;
  /** wrangler.jsonc, or one like it. */
  readonly configPath: string;
  readonly environment: string;
  readonly isDryRun: boolean;
  /** Takes what Wrangler and this say. */
  readonly output: Writable;
}

/**
 * Migrates D1, uploads the worker and puts it live; a dry run builds and measures it, and needs no account.
 * @throws Error that says what to do; nothing after it was done
 */
export async function deployWorker(deployment: Deployment): Promise<void> {
  const { configPath, environment, isDryRun, output } = deployment;
  const built = join(dirname(configPath), '.wrangler');
  const bundle = join(built, 'bundle');
  const wanted = listWanted(configPath, environment);
  if (!isDryRun && wanted.some(({ kind, configuredId }) => kind !== 'r2' && configuredId === undefined)) {
    throw new Error(
      `The ids of D1 and KV in wrangler.jsonc are not filled in for ${environment}. ` +
        `Have them made: npx scarmonit deploy --target cloudflare --env ${environment}`,
    );
  }

  const migrations = writeMigrations(join(built, 'migrations'), Date.now());
  output.write(`The store needs ${migrations.length} migrations: ${migrations.join(', ')}\n`);
  await buildPortal({ folder: portalFolder, onProgress: (message) => output.write(`${message}\n`) });
  await run(deployment, 'deploy', '--dry-run', '--outdir', bundle);
  const kibibytes = Math.ceil(measureBundle(bundle).gzippedBytes / 1024);
  output.write(`The worker is ${kibibytes} KiB gzipped; at most ${mostGzippedBytes / 1024} KiB.\n`);
  if (kibibytes * 1024 > mostGzippedBytes) throw new Error('The worker is too large. Look at what it imports.');
  if (isDryRun) return void output.write('Nothing was deployed (--dry-run).\n');

  await run(deployment, 'd1', 'migrations', 'apply', 'DB', '--remote');
  await run(deployment, 'deploy');
}

async function run({ config, configPath, environment, output }: Deployment, ...args: readonly string[]): Promise<void> {
  const wrangler = startWrangler(config, [...args, '--config', configPath, '--env', environment], 'pipe');
  wrangler.stdout?.pipe(output, { end: false });
  const [code] = await Promise.all([exitCodeOf(wrangler), wrangler.stdout && once(wrangler.stdout, 'close')]);
  if (code !== 0)
    throw new Error(`wrangler ${args.slice(0, 3).join(' ')} ended with ${code}; nothing after it was done.`);
}
