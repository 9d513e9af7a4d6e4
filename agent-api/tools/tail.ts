// The log of a deployed worker, as it happens.
//
//   npm run tail -- [--env production | staging]

import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { readToolsConfig } from './config.ts';
import { createTailReader } from './read-tail.ts';
import { exitCodeOf, startWrangler } from './run-wrangler.ts';

const { values } = parseArgs({ options: { env: { type: 'string', default: 'production' } } });
const wrangler = startWrangler(readToolsConfig(), ['tail', '--env', values.env, '--format', 'json'], 'pipe');
if (wrangler.stdout !== null) {
  const read = createTailReader();
  createInterface({ input: wrangler.stdout }).on('line', (line) => process.stdout.write(read(line)));
}
process.exitCode = await exitCodeOf(wrangler);
