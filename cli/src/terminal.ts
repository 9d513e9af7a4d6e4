import type { Readable, Writable } from 'node:stream';
import colours from 'picocolors';

/** The streams of a command; those of a terminal say so by `isTTY`. */
export interface TerminalStreams {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  readonly stderr: Writable & { readonly isTTY?: boolean };
}

export type Colours = ReturnType<typeof colours.createColors>;

/** Where commands read and write. */
export interface Terminal extends TerminalStreams {
  /** For standard output; without effect when it is no terminal. */
  readonly colours: Colours;
  /** For standard error. */
  readonly noteColours: Colours;
  /** A line on standard output: results. */
  print(line: string): void;
  /** A line on standard error: progress, hints and failures. */
  note(line: string): void;
}

export function createTerminal(streams: TerminalStreams, allowColour: boolean): Terminal {
  return {
    ...streams,
    colours: colours.createColors(allowColour && streams.stdout.isTTY === true),
    noteColours: colours.createColors(allowColour && streams.stderr.isTTY === true),
    print: (line) => {
      streams.stdout.write(`${line}\n`);
    },
    note: (line) => {
      streams.stderr.write(`${line}\n`);
    },
  };
}
