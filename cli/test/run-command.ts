import { Readable, Writable } from 'node:stream';
import { runCli } from '../src/run-cli.ts';

export interface CommandRun {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string | Readable;
  readonly signal?: AbortSignal;
  /** Pretends that the outputs are terminals. */
  readonly isTerminal?: boolean;
  onOutput?(stdout: string): void;
}

/** Runs the command line in this process, as `main.ts` does, with streams that are kept. */
export async function runCommand(words: readonly string[], options: RunOptions = {}): Promise<CommandRun> {
  const { env = {}, stdin = '', signal = new AbortController().signal, isTerminal = false, onOutput } = options;
  const stdout = capture(isTerminal, onOutput);
  const stderr = capture(isTerminal);
  const streams = {
    stdin: typeof stdin === 'string' ? Readable.from([Buffer.from(stdin)]) : stdin,
    stdout: stdout.stream,
    stderr: stderr.stream,
  };
  const exitCode = await runCli(words, streams, env, signal);
  return { exitCode, stdout: stdout.text(), stderr: stderr.text() };
}

function capture(isTTY: boolean, onOutput?: (text: string) => void) {
  let text = '';
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString('utf8');
      onOutput?.(text);
      done();
    },
  });
  return { stream: Object.assign(stream, { isTTY }), text: () => text };
}
