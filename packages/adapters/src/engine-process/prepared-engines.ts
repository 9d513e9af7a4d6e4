import type { ChildProcess } from 'node:child_process';
import { type EngineProgram, forkEngine } from './fork-engine.ts';

/**
 * Engine processes that are forked before they are needed: while a host is still being put together, they import their
 * engines. What is left over is ended by {@link close}.
 */
export class PreparedEngines {
  readonly #waiting = new Map<string, ChildProcess[]>();

  /** Forks one more process with this engine. @returns its id, unless it could not be started */
  prepare(program: EngineProgram): number | undefined {
    const child = forkEngine(program);
    // One that cannot be started is not handed out, and the next attempt tells why.
    child.on('error', () => {});
    const { href } = program.engineModule;
    this.#waiting.set(href, [...(this.#waiting.get(href) ?? []), child]);
    return child.pid;
  }

  /** A living process with this engine, the first that was forked, or undefined when there is none. It is the caller's then. */
  take(engineModule: URL): ChildProcess | undefined {
    const waiting = this.#waiting.get(engineModule.href) ?? [];
    for (let child = waiting.shift(); child !== undefined; child = waiting.shift()) if (isAlive(child)) return child;
    return undefined;
  }

  /** Ends what nobody took. */
  close(): void {
    for (const child of [...this.#waiting.values()].flat()) child.kill('SIGKILL');
    this.#waiting.clear();
  }
}

function isAlive({ pid, connected, exitCode, signalCode }: ChildProcess): boolean {
  return pid !== undefined && connected && exitCode === null && signalCode === null;
}
