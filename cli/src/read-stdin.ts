import { createInterface } from 'node:readline';
import type { TerminalStreams } from './terminal.ts';

/** All of standard input as text. */
export async function readStdin({ stdin }: TerminalStreams): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stdin) chunks.push(Buffer.from(chunk as Uint8Array | string));
  return Buffer.concat(chunks).toString('utf8');
}

/** Standard input line by line, without blank lines. */
export async function* readStdinLines({ stdin }: TerminalStreams): AsyncGenerator<string> {
  for await (const line of createInterface({ input: stdin, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line.trim() !== '') yield line;
  }
}
