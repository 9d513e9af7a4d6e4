import { type ChildProcess, fork } from 'node:child_process';
import { setPriority } from 'node:os';
import { extname } from 'node:path';
import type { ToEngine } from './protocol.ts';

/** What an engine process runs, and how. */
export interface EngineProgram {
  /** Module that exports `createEngine: EngineFactory`; imported in the child only. */
  readonly engineModule: URL;
  /** The Node that runs the child; defaults to the one that runs this. */
  readonly execPath?: string;
  /** Environment of the child; defaults to this process's. Hosts leave secrets out. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

const childProgram = new URL(`./child${extname(import.meta.url)}`, import.meta.url);

/**
 * Forks an engine process. It imports its engine at once and then waits for `load`; it ends itself when this process
 * does. What it prints waits for a reader.
 */
export function forkEngine({ engineModule, execPath, env }: EngineProgram): ChildProcess {
  const child = fork(childProgram, {
    execPath: execPath ?? process.execPath,
    execArgv: [],
    ...(env === undefined ? {} : { env }),
    serialization: 'advanced',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  yieldToHost(child);
  const messages: readonly ToEngine[] = [{ type: 'prepare', engineModule: engineModule.href }];
  // The callback takes the error of a process that could not be started; its event tells the rest.
  if (child.connected) child.send(messages, () => {});
  return child;
}

/**
 * Engines take all the processor that is left, and no more: where they compete with the host, the host's short work on
 * other requests goes first. Five steps of niceness give it three times their share.
 */
function yieldToHost({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    setPriority(pid, 5);
  } catch {
    // It has ended already, or this system lets nobody change priorities: engines run as they would.
  }
}
