// Runs a TypeScript file or an installed binary under the project's own Node, after making sure that it is installed.
//
//   node tools/run.mjs [flags of Node…] <file.ts | name of a binary> [arguments…]
//
// npm scripts go through this, because `sh` remembers where it found `node`: in `node a && node b` the second would run
// on the machine's Node even when the first has just installed the project's. `start` says `exec` as well: npm hands
// SIGTERM to `sh` alone, and a `sh` that waits dies of it without telling the program (after `||`, for shells without
// `exec`).

import { spawn } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { constants } from 'node:os';
import { join, resolve } from 'node:path';
import { ensureInstalledOrExit, projectEnvironment, projectNode, root } from './ensure-installed.mjs';

const given = process.argv.slice(2);
const flagCount = given.findIndex((argument) => !argument.startsWith('--'));
const flags = given.slice(0, Math.max(flagCount, 0));
const [target, ...args] = given.slice(flags.length);
if (flagCount === -1) {
  console.error('Usage: node tools/run.mjs [flags of Node…] <file | binary> [arguments…]');
  process.exit(2);
}
await ensureInstalledOrExit();

const script = findScript(target);
const environment = projectEnvironment();

// Becoming the program instead of starting it keeps one process: signals, exit codes and memory are the program's own.
// Node has `execve` from 22.15 on, not on Windows.
if (typeof process.execve === 'function' && process.platform !== 'win32') {
  process.execve(projectNode, [projectNode, ...flags, script, ...args], environment);
}

const child = spawn(projectNode, [...flags, script, ...args], { stdio: 'inherit', env: environment });
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  // A terminal sends Ctrl-C to both processes; sent twice, it would look like impatience.
  const delivered = signal === 'SIGINT' && process.stdin.isTTY === true;
  process.on(signal, () => delivered || child.kill(signal));
}
child.on('error', (error) => {
  console.error(`${projectNode} could not be started: ${error.message}`);
  process.exit(126);
});
child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));

function findScript(name) {
  const file = resolve(name);
  if (existsSync(file)) return file;
  const binary = join(root, 'node_modules', '.bin', name);
  if (existsSync(binary)) return realpathSync(binary);
  console.error(`There is neither a file ${file} nor a binary ${name} in node_modules/.bin.`);
  process.exit(127);
}
