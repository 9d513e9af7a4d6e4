import type { AnomalyView } from '@scarmonit/protocol/admin/anomaly';
import { Command, Option } from 'commander';
import { type CliContext, type JsonOption, showResult } from '../cli-context.ts';
import { formatTable } from '../format-table.ts';
import { formatTime } from '../format-units.ts';
import { parseCount } from '../parse-arguments.ts';

export function createAnomaliesCommand(context: CliContext): Command {
  return new Command('anomalies')
    .description('what models and keys did that they do not usually do')
    .addCommand(createListCommand(context));
}

interface ListOptions extends JsonOption {
  readonly open?: true;
  readonly kind?: 'model' | 'key';
  readonly limit: number;
}

function createListCommand(context: CliContext): Command {
  return new Command('list')
    .description('list them, newest first')
    .option('--open', 'only those that go on')
    .addOption(new Option('--kind <kind>', 'only those of models, or of keys').choices(['model', 'key']))
    .option('--limit <number>', 'rows', parseCount, 20)
    .addHelpText('after', '\nExample:\n  $ scarmonit anomalies list --open')
    .action(async (options: ListOptions) => {
      const { open, kind, limit } = options;
      const filter = { limit, ...(open === undefined ? {} : { open }), ...(kind === undefined ? {} : { kind }) };
      const page = await context.client().admin.listAnomalies(filter, { signal: context.signal });
      showResult(context, options, page, () => {
        if (page.data.length === 0) return ['Nothing unusual.'];
        const rows = page.data.map((anomaly) => [formatTime(anomaly.since), describeEnd(anomaly), anomaly.summary]);
        return formatTable([['SINCE', 'UNTIL', 'WHAT'], ...rows], context.terminal.colours.bold);
      });
    });
}

function describeEnd({ until }: AnomalyView): string {
  return until === null ? 'goes on' : formatTime(until);
}
