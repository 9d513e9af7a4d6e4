import { setTimeout as sleep } from 'node:timers/promises';
import { ScarmonitApiError, ScarmonitUnreachableError } from '@scarmonit/client/scarmonit-api-error';
import type { PredictionView } from '@scarmonit/protocol/admin/prediction';
import { Command } from 'commander';
import type { CliContext, JsonOption } from '../cli-context.ts';
import { parseAmount } from '../parse-arguments.ts';
import { addFilterOptions, type FilterOptions, toFilterQuery } from '../predictions/filter-options.ts';
import { PredictionFollower } from '../predictions/follow-predictions.ts';
import { alignCells, formatPrediction, predictionHeadings } from '../predictions/format-prediction.ts';

interface TailOptions extends JsonOption, FilterOptions {
  readonly lines: number;
  readonly every: number;
}

const longestPauseMs = 5_000;

export function createTailCommand(context: CliContext): Command {
  const command = new Command('tail')
    .description('follow requests as they end, until Ctrl-C; waits for the server while it is away')
    .option('--lines <number>', 'of those before, how many', parseAmount, 10)
    .option('--every <seconds>', 'how often to look', parseAmount, 1);
  return addFilterOptions(command)
    .addHelpText(
      'after',
      '\nExamples:\n  $ scarmonit tail --model support-chat --outcome error\n  $ scarmonit tail --min-latency 5000 --json | jq .requestId',
    )
    .action((options: TailOptions) => followRequests(context, options));
}

async function followRequests(context: CliContext, options: TailOptions): Promise<void> {
  const { signal, terminal } = context;
  const follower = new PredictionFollower(context.client().admin, toFilterQuery(options), () => performance.now());
  const show = (rows: readonly PredictionView[]): void => {
    for (const row of rows)
      terminal.print(options.json ? JSON.stringify(row) : formatPrediction(row, terminal.colours));
  };
  const rows = await follower.begin(Math.floor(options.lines), signal);
  if (options.json === undefined) terminal.print(terminal.colours.bold(alignCells(predictionHeadings)));
  show(rows);
  for (let failures = 0; ; ) {
    const pauseMs = Math.min(options.every * 1_000 * 2 ** failures, Math.max(longestPauseMs, options.every * 1_000));
    await sleep(pauseMs, undefined, { signal });
    try {
      show(await follower.next(signal));
      if (failures > 0) terminal.note('The server answers again.');
      failures = 0;
    } catch (error) {
      if (!mayPass(error)) throw error;
      if (failures === 0) terminal.note(`${error instanceof Error ? error.message : String(error)} Waiting for it …`);
      failures += 1;
    }
  }
}

/** A server that restarts, or is not ready: not one that refuses. */
function mayPass(error: unknown): boolean {
  return error instanceof ScarmonitUnreachableError || (error instanceof ScarmonitApiError && error.status >= 500);
}
