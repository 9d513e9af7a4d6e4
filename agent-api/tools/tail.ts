// The log of a deployed worker, as it happens.
//
//   npm run tail -- [--env production | staging]

import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { readToolsConfig } from './config.ts';
import { formatTailEvent, type TailEvent } from './format-tail-event.ts';
import { exitCodeOf, startWrangler } from './run-wrangler.ts';

const { values } = parseArgs({ options: { env: { type: 'string', default: 'production' } } });
const wrangler = startWrangler(readToolsConfig(), ['tail', '--env', values.env, '--format', 'json'], 'pipe');
if (wrangler.stdout !== null) {
  let text = '';
  createInterface({ input: wrangler.stdout }).on('line', (line) => {
    text += `${line}\n`;
    // Each event is laid out over several lines and ends with a brace of its own.
    if (!line.startsWith('}') && !(line.startsWith('{') && line.endsWith('}'))) return;
    try {
      process.stdout.write(`${formatTailEvent(JSON.parse(text) as TailEvent)}\n`);
      text = '';
    } catch {
      // It goes on, or it is no event; what is no event is shown as it is.
      if (!text.startsWith('{')) {
        process.stdout.write(text);
        text = '';
      }
    }
  });
}
process.exitCode = await exitCodeOf(wrangler);
