// Installs what package-lock.json asks for, when it is not there yet. Plain JavaScript without dependencies, because it
// runs before anything is installed, on whatever Node (20 or later) and npm (10 or later) the machine has.
//
//   node tools/ensure-installed.mjs

import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join, resolve, sep } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { joinModules } from './join-modules.mjs';
import { pruneBinaries } from './prune-binaries.mjs';

export const root = fileURLToPath(new URL('..', import.meta.url)).replace(/[\\/]$/, '');
const modules = join(root, 'node_modules');
const binaries = join(modules, '.bin');
const stampPath = join(modules, '.scarmonit-installed');
const lockPath = join(root, '.scarmonit-installing');
const onWindows = process.platform === 'win32';

/** The Node that the project runs on: the one that the npm package `node` brought. */
export const projectNode = join(modules, 'node', 'bin', onWindows ? 'node.exe' : 'node');

/** A failure that the person at the terminal can act on; printed without a stack. */
export class InstallError extends Error {}

/** The environment in which the project's own binaries come first. */
export function projectEnvironment() {
  const path = process.env.PATH ?? '';
  return {
    // Compiled code is kept between starts, for this process and the engines that it forks: a third off their start.
    NODE_COMPILE_CACHE: join(root, 'node_modules', '.cache', 'node-compile'),
    ...process.env,
    PATH: path.startsWith(binaries + delimiter) ? path : binaries + delimiter + path,
  };
}

/**
 * Installs the dependencies unless the last install was for the very same package files. When nothing is to be done it
 * reads a few small files and touches no network.
 * @returns {Promise<boolean>} whether something was installed
 * @throws {InstallError} with the reason and the fix
 */
export async function ensureInstalled() {
  if (isFresh()) return false;
  const release = await lock();
  try {
    if (isFresh()) return false; // another process installed it while this one waited
    await install();
    checkProjectNode();
    prune();
    await quicken();
    writeFileSync(stampPath, fingerprint());
    return true;
  } finally {
    release();
  }
}

function isFresh() {
  return existsSync(projectNode) && readStamp() === fingerprint();
}

function readStamp() {
  try {
    return readFileSync(stampPath, 'utf8');
  } catch {
    return '';
  }
}

/** Changes whenever one of the files does that decide what is installed. */
function fingerprint() {
  const hash = createHash('sha256');
  for (const path of ['package-lock.json', ...manifestPaths()]) {
    hash.update(`${path}\0`);
    hash.update(readFileSync(join(root, path)));
  }
  return hash.digest('hex');
}

function manifestPaths() {
  const { workspaces } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const folders = workspaces.flatMap((pattern) => {
    if (!pattern.endsWith('/*')) return [pattern];
    const parent = pattern.slice(0, -2);
    return readdirSync(join(root, parent)).map((name) => `${parent}/${name}`);
  });
  const manifests = folders.map((folder) => `${folder}/package.json`).filter((path) => existsSync(join(root, path)));
  return ['package.json', ...manifests.sort()];
}

/** What the stamp says while npm changes an install in place; found at a start, that install was cut short. */
const unfinished = 'unfinished';

async function install() {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < 20)
    throw new InstallError(`Node ${process.versions.node} is too old to install Scarmonit; use 20 or later.`);
  const stamp = readStamp();
  // npm writes its hidden lockfile last. Without it some packages may be half unpacked, which npm would not notice.
  const complete = existsSync(join(modules, '.package-lock.json')) && stamp !== unfinished;
  if (complete) writeFileSync(stampPath, unfinished);
  else rmSync(modules, { recursive: true, force: true });
  const started = performance.now();
  say(
    complete
      ? 'The package files have changed since the last install; updating the dependencies …'
      : 'Installing dependencies from the npm registry (about 300 MB to fetch; a minute or two, the first time only) …',
  );
  // Not `npm ci`: it refuses to work where the registry lacks the packages of other platforms (a partial mirror).
  // `npm install --no-save` installs what the lockfile says just the same, and leaves the file as it is.
  const { code, output } = await runNpm([
    'install',
    '--no-save',
    '--include=dev',
    '--no-audit',
    '--no-fund',
    '--engine-strict=false',
    '--loglevel=error',
  ]);
  if (code !== 0) {
    if (complete) writeFileSync(stampPath, stamp); // npm has put everything back as it was
    throw new InstallError(explainNpmFailure(code, output));
  }
  say(`Dependencies are installed (${((performance.now() - started) / 1000).toFixed(0)} s).`);
}

/** Saves space and nothing else: an install that cannot be pruned is as good. */
function prune() {
  try {
    pruneBinaries(modules, process);
  } catch (error) {
    say(`The binaries of other platforms could not be removed: ${error.message}`);
  }
}

/** Saves time of each start and nothing else. */
async function quicken() {
  try {
    await joinModules(modules);
  } catch (error) {
    say(`Packages could not be joined, and starts take a little longer: ${error.message}`);
  }
}

async function runNpm(args) {
  const { command, leading, node } = findNpm();
  const child = spawn(command, [...leading, ...args], {
    cwd: root,
    env: {
      ...process.env,
      PATH: node.path,
      // Both packages carry their binaries; what their install scripts would fetch in addition is on other hosts.
      ONNXRUNTIME_NODE_INSTALL: 'skip',
      NODE_LLAMA_CPP_SKIP_DOWNLOAD: 'true',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: onWindows && leading.length === 0,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', (text) => {
      output = (output + text).slice(-20_000);
    });
  }
  const forward = (signal) => child.kill(signal);
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, forward);
  const stopProgress = showProgress();
  try {
    const code = await new Promise((settle, fail) => {
      child.on('error', (error) => fail(new InstallError(`npm could not be started: ${error.message}`)));
      child.on('close', (exitCode, signal) => settle(exitCode ?? signal));
    });
    return { code, output };
  } finally {
    stopProgress();
    for (const signal of signals) process.off(signal, forward);
  }
}

/** The npm that runs this script, else the one on PATH; never through the Node that the install is about to replace. */
function findNpm() {
  const path = (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => !resolve(folder).startsWith(modules + sep))
    .join(delimiter);
  const npmCli = process.env.npm_execpath;
  if (npmCli?.endsWith('npm-cli.js') && existsSync(npmCli)) {
    const isOurs = process.execPath.startsWith(modules + sep);
    return { command: isOurs ? 'node' : process.execPath, leading: [npmCli], node: { path } };
  }
  return { command: 'npm', leading: [], node: { path } };
}

/** On a terminal, one line that counts up; elsewhere a line now and then, so that a log shows life. */
function showProgress() {
  const started = performance.now();
  const live = process.stderr.isTTY === true;
  const timer = setInterval(
    () => {
      const { present, wanted } = countPackages();
      const seconds = ((performance.now() - started) / 1000).toFixed(0);
      const text = wanted === 0 ? `  fetching, ${seconds} s` : `  ${present} of ${wanted} packages, ${seconds} s`;
      process.stderr.write(live ? `\r\x1b[K${text}` : `${text}\n`);
    },
    live ? 500 : 15_000,
  );
  return () => {
    clearInterval(timer);
    if (live) process.stderr.write('\r\x1b[K');
  };
}

/** npm makes the folders of all packages first and then fills them. */
function countPackages() {
  let present = 0;
  let wanted = 0;
  for (const entry of readFolder(modules)) {
    const names = entry.startsWith('@') ? readFolder(join(modules, entry)).map((name) => `${entry}/${name}`) : [entry];
    for (const name of names) {
      if (name.startsWith('.')) continue;
      wanted += 1;
      if (existsSync(join(modules, name, 'package.json'))) present += 1;
    }
  }
  return { present, wanted };
}

function readFolder(path) {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function explainNpmFailure(code, output) {
  const known = [
    [/npm error signal/, 'The install was interrupted; the next start begins it again.'],
    [/ENOSPC/, 'The disk is full. Free about 1.5 GB and try again.'],
    [
      /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH|ECONNRESET/,
      'The npm registry could not be reached. Check the network, or the registry and proxy that `npm config list` shows.',
    ],
    [/EACCES|EPERM|EROFS/, `The folder ${root} cannot be written. Check who owns it.`],
  ];
  const hint = known.find(([pattern]) => pattern.test(output))?.[1] ?? 'npm says above what went wrong.';
  return `${output.trim()}\n\nThe dependencies could not be installed (npm ended with ${code}). ${hint}`;
}

/** The package `node` puts its binary in place in an install script, which npm may have been told to skip. */
function checkProjectNode() {
  const wanted = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).dependencies.node;
  const fix = 'Run `npm rebuild node --ignore-scripts=false --foreground-scripts`, then try again.';
  if (!existsSync(projectNode)) {
    throw new InstallError(
      `The npm package \`node\` did not put Node ${wanted} in place, most likely because npm was told to ignore install ` +
        `scripts (\`npm config get ignore-scripts\`). ${fix}`,
    );
  }
  const { stdout, error } = spawnSync(projectNode, ['--version'], { encoding: 'utf8' });
  const found = stdout?.trim();
  if (found !== `v${wanted}`) {
    throw new InstallError(
      `${projectNode} should be Node ${wanted}, but ${found ? `is ${found}` : `does not run (${error?.message ?? 'no output'})`}. ${fix}`,
    );
  }
}

/** Two commands that start at once must not install into the same folder. */
async function lock() {
  for (let tries = 0; ; tries += 1) {
    try {
      writeFileSync(lockPath, String(process.pid), { flag: 'wx' });
      return () => rmSync(lockPath, { force: true });
    } catch (error) {
      if (error.code !== 'EEXIST') throw new InstallError(`The folder ${root} cannot be written: ${error.message}`);
    }
    const owner = readLockOwner();
    // On the first try a lock without an owner may be one that is being written right now.
    if (owner !== undefined && isAlive(owner)) {
      if (tries === 1) say(`Another process (${owner}) is installing the dependencies; waiting for it …`);
    } else if (tries > 0) {
      rmSync(lockPath, { force: true });
    }
    await sleep(250);
  }
}

function readLockOwner() {
  try {
    const pid = Number(readFileSync(lockPath, 'utf8'));
    return Number.isInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** To standard error: the output of the command that comes after belongs to that command. */
function say(text) {
  process.stderr.write(`${text}\n`);
}

/** Runs `ensureInstalled`; prints a failure in plain words and ends the process. */
export async function ensureInstalledOrExit() {
  try {
    return await ensureInstalled();
  } catch (error) {
    if (!(error instanceof InstallError)) throw error;
    say(error.message);
    process.exit(1);
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await ensureInstalledOrExit();
