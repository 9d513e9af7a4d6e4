import { ScarmonitApiError, ScarmonitUnreachableError } from '@scarmonit/client/scarmonit-api-error';
import type { CliConfig } from './config.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import type { Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';

export interface FailureContext {
  readonly terminal: Terminal;
  readonly config: CliConfig;
  readonly json: boolean;
  readonly interrupted: boolean;
}

/** Says what went wrong and how to go on, on standard error (with `--json` on standard output too); gives the exit code. */
export function reportFailure(error: unknown, { terminal, config, json, interrupted }: FailureContext): ExitCode {
  if (interrupted) return exitCodes.interrupted;
  const code = exitCodeOf(error);
  const message = explain(error, config);
  const requestId =
    error instanceof ScarmonitApiError && error.requestId !== undefined ? ` (request ${error.requestId})` : '';
  terminal.note(`scarmonit: ${message}${requestId}`);
  if (json) terminal.print(JSON.stringify({ error: { message, ...detailsOf(error) } }));
  return code;
}

function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof UsageError) return exitCodes.usage;
  if (error instanceof ScarmonitUnreachableError) return exitCodes.unreachable;
  if (error instanceof ScarmonitApiError && error.status >= 400 && error.status < 500) return exitCodes.refused;
  return exitCodes.failed;
}

function explain(error: unknown, config: CliConfig): string {
  if (error instanceof ScarmonitUnreachableError) {
    return `${error.message} The address is taken from SCARMONIT_URL.`;
  }
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof ScarmonitApiError && error.status === 401) {
    return config.apiKey === undefined
      ? 'The server wants a key, and SCARMONIT_API_KEY is not set. Set it to the key that the first start showed, or to one of `scarmonit keys create`.'
      : `${message} The key is taken from SCARMONIT_API_KEY.`;
  }
  return message;
}

function detailsOf(error: unknown): Record<string, unknown> {
  if (!(error instanceof ScarmonitApiError))
    return { code: error instanceof ScarmonitUnreachableError ? 'unreachable' : null };
  return {
    code: error.code ?? null,
    status: error.status,
    param: error.param ?? null,
    requestId: error.requestId ?? null,
  };
}
