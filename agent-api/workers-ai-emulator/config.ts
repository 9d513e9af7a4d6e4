import { parseArgs } from 'node:util';

export interface EmulatorConfig {
  readonly port: number;
  /** The Scarmonit server that answers; undefined: the built-in answers. */
  readonly answersFrom: { readonly url: string; readonly key: string } | undefined;
  readonly apiToken: string | undefined;
  /** The longest answer of the server's models; undefined: as asked for. */
  readonly mostTokens: number | undefined;
}

export const usage = `Usage: node agent-api/workers-ai-emulator/main.ts [--port 8799] [--answers-from URL] [--max-tokens N] [--token TOKEN]

  --port PORT          where to listen on 127.0.0.1; 0 takes a free port
  --answers-from URL   a Scarmonit server whose models answer; its key is read from SCARMONIT_API_KEY
  --max-tokens N       the longest answer that those models give, whatever max_tokens asks for
  --token TOKEN        the only API token that is accepted; without, any is`;

/** Reads the command line and the environment. @throws Error in one sentence that says the fix */
export function readConfig(
  args: readonly string[] = process.argv.slice(2),
  env: Readonly<Record<string, string | undefined>> = process.env,
): EmulatorConfig {
  const { values } = parseArgs({
    args: [...args],
    options: {
      port: { type: 'string', default: '8799' },
      'answers-from': { type: 'string' },
      'max-tokens': { type: 'string' },
      token: { type: 'string' },
    },
  });
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new Error(`--port must be 0 to 65535, not ${values.port}.`);
  const url = values['answers-from'];
  const mostTokens = values['max-tokens'] === undefined ? undefined : readMostTokens(values['max-tokens']);
  if (url === undefined) return { port, answersFrom: undefined, apiToken: values.token, mostTokens };
  if (!URL.canParse(url))
    throw new Error(`--answers-from must be an address such as http://127.0.0.1:8787, not ${url}.`);
  const key = env.SCARMONIT_API_KEY;
  if (key === undefined || key === '')
    throw new Error('--answers-from needs the key of the server in SCARMONIT_API_KEY.');
  return { port, answersFrom: { url, key }, apiToken: values.token, mostTokens };
}

/** @throws Error in one sentence that says the fix */
export function readMostTokens(text: string): number {
  const tokens = Number(text);
  if (Number.isSafeInteger(tokens) && tokens > 0) return tokens;
  throw new Error(`--max-tokens must be a whole number above 0, not ${text}.`);
}
