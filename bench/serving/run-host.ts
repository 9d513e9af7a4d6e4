import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A Scarmonit host in a process of its own. */
export interface RunningHost {
  readonly url: string;
  readonly key: string;
  /** From the start of the process to its ready line. */
  readonly startMs: number;
  stop(): Promise<void>;
}

/**
 * Starts the Node host on a free port with the data directory given, and waits for its ready line.
 * @param config the manifest
 */
export async function runHost(dataDir: string, config: string): Promise<RunningHost> {
  const key = 'sk-scarmonit-bench-only-0000000000000000000000000';
  const startedAt = performance.now();
  const main = fileURLToPath(new URL('../../agent-api/node/main.ts', import.meta.url));
  const child = spawn(process.execPath, [main], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    env: {
      ...process.env,
      PORT: '0',
      SCARMONIT_DATA_DIR: dataDir,
      SCARMONIT_ADMIN_KEY: key,
      SCARMONIT_CONFIG: config,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /ready at (http:\S+)/.exec(line)?.[1];
    if (url === undefined) continue;
    return {
      url,
      key,
      startMs: performance.now() - startedAt,
      stop: async () => {
        child.kill('SIGTERM');
        await once(child, 'exit');
      },
    };
  }
  throw new Error('The host ended before it was ready.');
}
