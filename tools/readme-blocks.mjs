// The curl commands that README.md prints, run as printed. Plain JavaScript, because the smoke test may run before
// anything is installed.
import { spawn } from 'node:child_process';

/** Where README.md says that the server is. */
const printedUrl = 'http://127.0.0.1:8787';

/**
 * The commands of all `sh` blocks that begin with `curl`, in their order. Blank lines end a command.
 * @param {string} markdown
 * @returns {string[]}
 */
export function listCurlCommands(markdown) {
  return [...markdown.matchAll(/^```sh\n(.*?)^```$/gms)]
    .flatMap(([, block = '']) => block.split(/\n\s*\n/))
    .map((command) => command.trim())
    .filter((command) => command.startsWith('curl '));
}

/**
 * Runs one of them in a shell, with the address of a running server in place of the printed one and the key in
 * `SCARMONIT_API_KEY`.
 * @param {string} command
 * @param {{ url: string, key: string }} server
 * @returns {Promise<unknown>} what it answered
 * @throws when the command fails, prints anything but JSON, or the JSON is an error
 */
export async function runCurlCommand(command, { url, key }) {
  if (!command.includes(printedUrl)) throw new Error(`the command does not ask ${printedUrl}:\n${command}`);
  const { code, output, errors } = await runShell(command.replaceAll(printedUrl, url), {
    ...process.env,
    SCARMONIT_URL: url,
    SCARMONIT_API_KEY: key,
  });
  if (code !== 0) throw new Error(`this ended with exit code ${code}:\n${command}\n${errors}`);
  const answer = parse(output);
  if (typeof answer !== 'object' || answer === null) throw new Error(`this answered no JSON:\n${command}\n${output}`);
  if ('error' in answer) throw new Error(`this answered an error:\n${command}\n${output}`);
  return answer;
}

/** @returns {Promise<{ code: number | null, output: string, errors: string }>} */
function runShell(command, env) {
  return new Promise((resolve, reject) => {
    const shell = spawn('sh', ['-c', command], { env, stdio: ['ignore', 'pipe', 'pipe'], timeout: 300_000 });
    let output = '';
    let errors = '';
    shell.stdout.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
    shell.stderr.setEncoding('utf8').on('data', (text) => {
      errors += text;
    });
    shell.on('error', reject);
    shell.on('close', (code) => resolve({ code, output, errors }));
  });
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
