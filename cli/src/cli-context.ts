import type { ScarmonitClient } from '@scarmonit/client/create-scarmonit-client';
import type { CliConfig } from './config.ts';
import type { ExitCode } from './exit-codes.ts';
import type { Terminal } from './terminal.ts';

/** What every command gets. */
export interface CliContext {
  readonly config: CliConfig;
  readonly terminal: Terminal;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  /** A client for the configured server. */
  client(): ScarmonitClient;
  /** How the command ends when it throws nothing; 0 unless set. */
  exitWith(code: ExitCode): void;
}

/** The option that every command has. */
export interface JsonOption {
  readonly json?: true;
}

/** Writes a result: with `--json` as one line of JSON, else as lines for people. */
export function showResult(
  context: CliContext,
  { json }: JsonOption,
  value: unknown,
  lines: () => readonly string[],
): void {
  if (json === true) context.terminal.print(JSON.stringify(value));
  else for (const line of lines()) context.terminal.print(line);
}
