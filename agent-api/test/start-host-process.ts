import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../node/main.ts', import.meta.url));

export interface HostProcessOptions {
  readonly dataDir: string;
  readonly manifestPath: string;
  readonly adminKey: string;
  /** Beside the environment of the test. */
  readonly env?: Readonly<Record<string, string>>;
  /** Of Node itself, such as `--inspect=127.0.0.1:0`. */
  readonly nodeArguments?: readonly string[];
}

/** The Node host in a process of its own, as an operator runs it. */
export interface HostProcess {
  readonly url: string;
  /** All that it printed and logged so far. */
  output(): string;
  signal(name: 'SIGTERM' | 'SIGHUP' | 'SIGKILL'): void;
  /** Resolves when it has ended, with its exit code, or the signal that killed it. */
  readonly ended: Promise<number | NodeJS.Signals>;
}

/**
 * Starts a host on a free port and resolves when it says that it is ready.
 * @throws an error with its output when it ends before that
 */
export async function startHostProcess(options: HostProcessOptions): Promise<HostProcess> {
  const { dataDir, manifestPath, adminKey, env = {}, nodeArguments = [] } = options;
  const child = spawn(process.execPath, [...nodeArguments, main], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      HOST: '127.0.0.1',
      PORT: '0',
      LOG_LEVEL: 'info',
      SCARMONIT_DATA_DIR: dataDir,
      SCARMONIT_CONFIG: manifestPath,
      SCARMONIT_ADMIN_KEY: adminKey,
      ...env,
    },
  });
  let output = '';
  const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals);
  const url = await new Promise<string>((resolve, reject) => {
    const take = (text: string): void => {
      output += text;
      const ready = /is ready at (http:\S+)\n/.exec(output)?.[1];
      if (ready !== undefined) resolve(ready);
    };
    child.stdout.setEncoding('utf8').on('data', take);
    child.stderr.setEncoding('utf8').on('data', take);
    ended.then((how) => reject(new Error(`The host ended with ${how} before it was ready:\n${output}`)), reject);
  });
  running.add(child);
  void ended.then(() => running.delete(child));
  return { url, output: () => output, signal: (name) => void child.kill(name), ended };
}

const running = new Set<ChildProcess>();

/** Kills what a failed test left behind. */
export async function killHostProcesses(): Promise<void> {
  await Promise.all(
    [...running].map(async (child) => {
      const closed = once(child, 'close');
      child.kill('SIGKILL');
      await closed;
    }),
  );
}
