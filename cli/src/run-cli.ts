import { createScarmonitClient } from '@scarmonit/client/create-scarmonit-client';
import { CommanderError } from 'commander';
import type { CliContext } from './cli-context.ts';
import { readCliConfig } from './config.ts';
import { createProgram } from './create-program.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { reportFailure } from './report-failure.ts';
import { createTerminal, type TerminalStreams } from './terminal.ts';

/**
 * Runs one command.
 * @param words what follows `scarmonit` on the command line
 * @param signal aborted by Ctrl-C
 * @returns the exit code; never throws
 */
export async function runCli(
  words: readonly string[],
  streams: TerminalStreams,
  env: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<ExitCode> {
  const config = readCliConfig(env);
  const terminal = createTerminal(streams, config.allowColour);
  let exitCode: ExitCode = exitCodes.ok;
  const context: CliContext = {
    config,
    terminal,
    signal,
    client: () => createScarmonitClient({ baseUrl: config.url, apiKey: config.apiKey }),
    exitWith: (code) => {
      exitCode = code;
    },
  };
  try {
    await createProgram(context).parseAsync(words, { from: 'user' });
    return exitCode;
  } catch (error) {
    // Commander has already written its help or what is wrong with the call.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    return reportFailure(error, { terminal, config, json: words.includes('--json'), interrupted: signal.aborted });
  }
}
