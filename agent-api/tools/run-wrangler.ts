import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import { findWrangler, folder, type ToolsConfig } from './config.ts';

/** Starts Wrangler in the worker's folder, under the Node that runs this. */
export function startWrangler(
  config: Pick<ToolsConfig, 'wranglerEnvironment'>,
  args: readonly string[],
  stdout: 'inherit' | 'pipe' = 'inherit',
): ChildProcess {
  const child = spawn(process.execPath, [findWrangler(), ...args], {
    cwd: folder,
    env: { ...config.wranglerEnvironment },
    stdio: ['inherit', stdout, 'inherit'],
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    // A terminal sends Ctrl-C to both processes.
    process.on(signal, () => (signal === 'SIGINT' && process.stdin.isTTY) || child.kill(signal));
  }
  return child;
}

/** Resolves with the exit code as a shell would tell it. */
export function exitCodeOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
  });
}
