import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const devTool = fileURLToPath(new URL('../tools/dev.ts', import.meta.url));

export const workerTestKey = 'sk-scarmonit-only-for-tests-of-the-worker';

/** What Wrangler keeps of each request for people to look at costs as much as the worker itself. */
const quietWrangler = { X_LOCAL_OBSERVABILITY: 'false', X_LOCAL_EXPLORER: 'false' };

/** The worker in workerd, as `npm run dev` starts it, on a free port and with a state of its own. */
export interface WorkerHost {
  readonly url: string;
  /** All that it printed and logged so far. */
  output(): string;
  /** As a power cut does: workerd and whatever runs it end at once. The state stays. */
  kill(): Promise<void>;
  /** Ends it in order, and removes its state. */
  close(): Promise<void>;
}

/**
 * @param state a folder that a worker left when it was killed; absent: a new one
 * @throws an error with its output when it ends before it is ready
 */
export async function startWorkerHost(
  env: Readonly<Record<string, string>> = {},
  state = makeWorkerState(),
): Promise<WorkerHost> {
  const child = spawn(process.execPath, [devTool, '--port', '0', '--state', state, '--answers', 'built-in'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...quietWrangler, SCARMONIT_ADMIN_KEY: workerTestKey, ...env },
    // A group of its own, which is killed as a whole.
    detached: true,
  });
  const endAtExit = (): void => signalGroup(child, 'SIGKILL');
  process.once('exit', endAtExit);
  let output = '';
  const ended = once(child, 'close').finally(() => process.off('exit', endAtExit));
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
    kill: async () => {
      signalGroup(child, 'SIGKILL');
      await ended;
    },
    close: async () => {
      child.kill('SIGTERM');
      await ended;
      rmSync(state, { recursive: true, force: true });
    },
  };
}

/** A folder for the state of a worker. */
export function makeWorkerState(): string {
  return mkdtempSync(join(tmpdir(), 'scarmonit-worker-'));
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
