import { Command, InvalidArgumentError } from 'commander';
import { type CliContext, type JsonOption, showResult } from '../cli-context.ts';
import { formatTable } from '../format-table.ts';
import { formatTime } from '../format-units.ts';
import { parseCount } from '../parse-arguments.ts';

interface HistoryOptions extends JsonOption {
  readonly at?: number;
  readonly limit: number;
}

export function createHistoryCommand(context: CliContext): Command {
  return new Command('history')
    .description('which versions served a model, with which weights, decided by whom and why')
    .argument('<model>', 'name of the model')
    .option('--at <time>', 'what served then, and before; such as 2027-01-31T13:05Z', parseTime)
    .option('--limit <number>', 'rows', parseCount, 20)
    .addHelpText('after', '\nExample:\n  $ scarmonit history support-chat --at 2027-01-31T13:05Z --limit 1')
    .action(async (model: string, options: HistoryOptions) => {
      const page = { limit: options.limit, ...(options.at === undefined ? {} : { at: options.at }) };
      const history = await context.client().admin.listHistory(model, page, { signal: context.signal });
      showResult(context, options, history, () => {
        if (history.data.length === 0) return ['Nothing served it then.'];
        const rows = history.data.map(({ createdAt, stable, candidate, weight, decidedBy, reason }) => [
          formatTime(createdAt),
          stable,
          candidate === null ? '-' : `${candidate} ${Number((weight * 100).toFixed(2))} %`,
          decidedBy,
          reason,
        ]);
        return formatTable([['SINCE', 'STABLE', 'CANDIDATE', 'BY', 'WHY'], ...rows], context.terminal.colours.bold);
      });
    });
}

function parseTime(text: string): number {
  const time = Date.parse(text);
  if (Number.isFinite(time)) return time;
  throw new InvalidArgumentError('Give a time such as 2027-01-31T13:05Z.');
}
