#!/usr/bin/env node
// Plain JavaScript for whatever Node the machine has: the program itself runs under the Node that npm installed.
import { spawn } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

// Node strips no types below node_modules, so the entry must be named by the real path of the workspace.
const cliDirectory = dirname(dirname(realpathSync(fileURLToPath(import.meta.url))));
const entry = join(cliDirectory, 'src', 'main.ts');
const installedNode = join(
  dirname(cliDirectory),
  'node_modules',
  'node',
  'bin',
  process.platform === 'win32' ? 'node.exe' : 'node',
);

if (!existsSync(installedNode) && Number.parseInt(process.versions.node, 10) < 24) {
  process.stderr.write(
    `Scarmonit needs Node 24 or newer, and this is ${process.versions.node}. Run 'npm install' in ${dirname(cliDirectory)}, which brings one.\n`,
  );
  process.exit(1);
}

const child = spawn(existsSync(installedNode) ? installedNode : process.execPath, [entry, ...process.argv.slice(2)], {
  stdio: 'inherit',
});
// This process must outlive the other to hand on its exit code.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('error', (error) => {
  process.stderr.write(
    `Node could not be started: ${error.message}. Run 'npm install' in ${dirname(cliDirectory)} again.\n`,
  );
  process.exit(1);
});
child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 143)));
