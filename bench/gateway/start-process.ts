import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** A server in a process of its own. */
export interface RunningProcess {
  readonly url: string;
  /** Resident memory now, in bytes. */
  residentBytes(): number;
  stop(): Promise<void>;
}

export interface ProcessOptions {
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Matches the line that says that it is ready; a group holds the URL. */
  readonly ready?: RegExp;
}

/**
 * Starts a script under this very Node and waits until it says where it listens.
 * @throws when it ends before that
 */
export async function startProcess({ args, env = {}, ready = /ready at (http:\S+)/ }: ProcessOptions) {
  const child = spawn(process.execPath, args, {
    env: { ...process.env, NODE_ENV: 'production', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout });
  for await (const line of lines) {
    const url = ready.exec(line)?.[1];
    if (url !== undefined) {
      child.stdout.resume(); // a full pipe would block its log
      return running(child, url);
    }
  }
  throw new Error(`${args[0]} ended before it was ready.`);
}

/** A port that was free a moment ago, for servers that cannot choose one themselves. */
export async function findFreePort(): Promise<number> {
  const { createServer } = await import('node:net');
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('The loopback interface has no port to give.');
  return address.port;
}

function running(child: ChildProcess, url: string): RunningProcess {
  return {
    url,
    residentBytes: () =>
      Number(execFileSync('ps', ['-o', 'rss=', '-p', String(child.pid)], { encoding: 'utf8' })) * 1024,
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
    },
  };
}
