import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { glob, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';

/** What the build is made of: a change in any of it makes another one. */
const sources = ['index.html', 'package.json', 'vite.config.ts', 'tools/pack-assets.ts', 'public/**/*', 'src/**/*'];
const longestMs = 120_000;

export interface PortalBuildParts {
  /** The portal's own folder. */
  readonly folder: string;
  /** Told when it has to be built, and when that is done. */
  readonly onProgress: (message: string) => void;
}

/**
 * Makes sure that `dist` is the build of the sources beside it, and builds it when it is not. A published package has
 * the build and no sources; then it is taken as it is. Several processes may do this at once.
 * @returns the folder of the built files
 * @throws Error with the builder's words when it fails
 */
export async function buildPortal({ folder, onProgress }: PortalBuildParts): Promise<string> {
  const dist = join(folder, 'dist');
  if (!existsSync(join(folder, 'src'))) return dist;
  const wanted = await hashSources(folder);
  if ((await readStamp(dist)) === wanted) return dist;
  onProgress('the web portal is being built, once');
  const began = performance.now();
  const made = join(folder, `.dist-${process.pid}`);
  try {
    await runVite(folder, made);
    await writeFile(join(made, stampName), wanted);
    await putInPlace(made, dist);
  } finally {
    await rm(made, { recursive: true, force: true });
  }
  onProgress(`the web portal was built in ${((performance.now() - began) / 1000).toFixed(1)} s`);
  return dist;
}

const stampName = 'source.sha256';

async function readStamp(dist: string): Promise<string | undefined> {
  return readFile(join(dist, stampName), 'utf8').catch(() => undefined);
}

async function hashSources(folder: string): Promise<string> {
  const paths: string[] = [];
  for await (const entry of glob(sources, { cwd: folder, withFileTypes: true })) {
    if (entry.isFile() && !/\.test\.tsx?$/.test(entry.name)) paths.push(join(entry.parentPath, entry.name));
  }
  paths.sort();
  const hash = createHash('sha256');
  const contents = await Promise.all(paths.map((path) => readFile(path)));
  for (const [index, path] of paths.entries()) {
    hash.update(`${path.slice(folder.length)}\0${contents[index]?.length}\0`).update(contents[index] ?? '');
  }
  return hash.digest('hex');
}

/** In a process of its own: what a build needs of memory is gone after it. */
async function runVite(folder: string, outDir: string): Promise<void> {
  const vite = createRequire(join(folder, 'package.json')).resolve('vite/package.json');
  const script = join(dirname(vite), 'bin', 'vite.js');
  await mkdir(outDir, { recursive: true });
  const child = spawn(process.execPath, [script, 'build', '--logLevel', 'warn', '--outDir', basename(outDir)], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: longestMs,
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (said += text));
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`The web portal could not be built: ${said.trim() || `code ${code}`}`)),
    );
  });
}

/** Another process may have been first, or may be serving what is there: files are named by content, so both stay whole. */
async function putInPlace(made: string, dist: string): Promise<void> {
  const old = `${made}-old`;
  await rename(dist, old).catch(() => undefined);
  await rename(made, dist).catch((error: unknown) => {
    if (!existsSync(join(dist, stampName))) throw error;
  });
  await rm(old, { recursive: true, force: true });
}
