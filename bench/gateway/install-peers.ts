import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('..', import.meta.url));

/**
 * Installs what bench/package-lock.json pins, unless it is there already. Peers and the load generator are fetched only
 * by those who measure. Install scripts do not run: none of them is needed.
 * @throws when npm fails
 */
export function installPeers(): void {
  const stampPath = `${folder}node_modules/.scarmonit-installed`;
  const wanted = createHash('sha256')
    .update(readFileSync(`${folder}package-lock.json`))
    .digest('hex');
  if (existsSync(stampPath) && readFileSync(stampPath, 'utf8') === wanted) return;
  console.log('Installing the benchmark peers (30 MB) …');
  const args = ['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const { status } = spawnSync('npm', args, { cwd: folder, stdio: 'inherit', shell: process.platform === 'win32' });
  if (status !== 0) throw new Error('The benchmark peers could not be installed; npm says above what went wrong.');
  writeFileSync(stampPath, wanted);
}

/** The path of a file in bench/node_modules. */
export function peerPath(path: string): string {
  return `${folder}node_modules/${path}`;
}
