import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const devTool = fileURLToPath(new URL('../tools/dev.ts', import.meta.url));

export const workerTestKey = 'sk-scarmonit-only-for-tests-of-the-worker';

/** The worker in workerd, as `npm run dev` starts it, on a free port and with a state of its own. */
export interface WorkerHost {
  readonly url: string;
  /** All that it printed and logged so far. */
  output(): string;
  close(): Promise<void>;
}

/** @throws an error with its output when it ends before it is ready */
export async function startWorkerHost(env: Readonly<Record<string, string>> = {}): Promise<WorkerHost> {
  const state = mkdtempSync(join(tmpdir(), 'scarmonit-worker-'));
  const child = spawn(process.execPath, [devTool, '--port', '0', '--state', state, '--answers', 'built-in'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, SCARMONIT_ADMIN_KEY: workerTestKey, ...env },
  });
  let output = '';
  const ended = once(child, 'close');
  const url = await new Promise<string>((resolve, reject) => {
    const take = (text: string): void => {
      output += text;
      const ready = /is ready at (http:\S+)\n/.exec(output)?.[1];
      if (ready !== undefined) resolve(ready);
    };
    child.stdout.setEncoding('utf8').on('data', take);
    child.stderr.setEncoding('utf8').on('data', take);
    ended.then(() => reject(new Error(`The worker ended before it was ready:\n${output}`)), reject);
  });
  return {
    url,
    output: () => output,
    close: async () => {
      child.kill('SIGTERM');
      await ended;
      rmSync(state, { recursive: true, force: true });
    },
  };
}
