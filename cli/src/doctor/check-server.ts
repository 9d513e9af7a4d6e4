import type { Finding } from '@scarmonit/agent-api/node/diagnose';
import { ScarmonitApiError, ScarmonitUnreachableError } from '@scarmonit/client/scarmonit-api-error';
import type { CliContext } from '../cli-context.ts';

/** Whether a server answers at the configured address, is ready, and takes the configured key. Never throws but for an interrupt. */
export async function* checkServer({ config, client, signal }: CliContext): AsyncGenerator<Finding> {
  try {
    const { status, reasons } = await client().readiness({ signal });
    if (status === 'ready') yield { check: 'server', status: 'ok', message: `The server at ${config.url} is ready.` };
    else {
      const message = `The server at ${config.url} is not ready: ${reasons.join('; ')}.`;
      yield { check: 'server', status: 'warn', message, fix: 'Wait until it is, or read its log for what keeps it.' };
    }
  } catch (error) {
    signal.throwIfAborted();
    const isUnreachable = error instanceof ScarmonitUnreachableError;
    yield {
      check: 'server',
      status: isUnreachable ? 'warn' : 'fail',
      message: error instanceof Error ? error.message : String(error),
      fix: isUnreachable
        ? "Start it with 'npm start', or set SCARMONIT_URL."
        : 'Set SCARMONIT_URL to the address of a Scarmonit server.',
    };
    return;
  }
  yield await checkKey({ config, client, signal });
}

async function checkKey({
  config,
  client,
  signal,
}: Pick<CliContext, 'config' | 'client' | 'signal'>): Promise<Finding> {
  if (config.apiKey === undefined) {
    const fix = 'Set SCARMONIT_API_KEY to the key that the first start showed.';
    return {
      check: 'key',
      status: 'warn',
      message: 'SCARMONIT_API_KEY is not set, so that nothing can be asked.',
      fix,
    };
  }
  try {
    await client().listModels({ signal });
    return { check: 'key', status: 'ok', message: 'The server takes the key of SCARMONIT_API_KEY.' };
  } catch (error) {
    signal.throwIfAborted();
    const message = error instanceof Error ? error.message : String(error);
    // Any answer but 401 means that the key itself was taken: a key may be allowed less than this.
    if (error instanceof ScarmonitApiError && error.status === 403) {
      return { check: 'key', status: 'ok', message: `The server takes the key of SCARMONIT_API_KEY (${message})` };
    }
    const fix = 'Set SCARMONIT_API_KEY to a key that is not revoked; make one with scarmonit keys create.';
    return { check: 'key', status: 'fail', message: `The key of SCARMONIT_API_KEY is not accepted: ${message}`, fix };
  }
}
