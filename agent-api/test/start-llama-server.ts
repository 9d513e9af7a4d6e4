import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { llamaServerPath } from '../../tools/llama-server-path.ts';

export interface LlamaServerOptions {
  readonly modelPath: string;
  /** How many requests it computes at once. */
  readonly slots: number;
  /** Most tokens of one request. */
  readonly contextTokens: number;
  readonly threads: number;
  /**
   * Lays out messages with a template that is built in, not with the model's own. Its reader of templates fails for JSON
   * schemas with that of the starter model.
   */
  readonly builtInTemplate?: boolean;
}

/** A place of llama.cpp's server to compute one request, as its `/slots` tells. */
interface Slot {
  readonly is_processing: boolean;
  readonly next_token?: readonly { readonly n_decoded: number }[];
}

/** llama.cpp's own server in a process of its own. */
export interface LlamaServer {
  /** `http://127.0.0.1:PORT/v1` */
  readonly baseUrl: string;
  slots(): Promise<readonly Slot[]>;
  /** Ends it at once, whatever it is doing. */
  kill(): Promise<void>;
}

/**
 * Starts it on a free loopback port and resolves when the model is loaded.
 * @throws an error with what it said when it ends before that
 */
export async function startLlamaServer(options: LlamaServerOptions): Promise<LlamaServer> {
  const { modelPath, slots, contextTokens, threads, builtInTemplate = false } = options;
  const flags = {
    model: modelPath,
    host: '127.0.0.1',
    port: 0,
    parallel: slots,
    threads,
    'ctx-size': slots * contextTokens,
  };
  const args = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, `${value}`]);
  const child = spawn(llamaServerPath, [...args, '--offline', '--slots', builtInTemplate ? '--no-jinja' : '--jinja'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said: string[] = [];
  const address = await new Promise<string>((resolve, reject) => {
    for (const input of [child.stdout, child.stderr]) {
      createInterface({ input }).on('line', (line) => {
        said.push(line);
        const found = /listening on (http:\S+)/.exec(line)?.[1];
        if (found !== undefined) resolve(found);
      });
    }
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`llama-server ended:\n${said.slice(-20).join('\n')}`)));
  });
  return {
    baseUrl: `${address}/v1`,
    slots: async () => (await (await fetch(`${address}/slots`)).json()) as readonly Slot[],
    kill: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}
