import { spawnSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** The root of the repo. */
export const root = resolve(import.meta.dirname, '..');

/**
 * Runs a binary of node_modules/.bin under this Node, in the root, with its output on this process's.
 * @returns its exit code, 1 when a signal ended it
 */
export function runBinary(name: string, args: readonly string[]): number {
  return spawnSync(process.execPath, [findBinary(name), ...args], { cwd: root, stdio: 'inherit' }).status ?? 1;
}

/** The JavaScript file behind a name in node_modules/.bin. */
export function findBinary(name: string): string {
  return realpathSync(join(root, 'node_modules', '.bin', name));
}
