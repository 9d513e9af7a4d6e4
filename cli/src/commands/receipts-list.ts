import { Command } from 'commander';
import { type CliContext, type JsonOption, showResult } from '../cli-context.ts';
import { formatTable } from '../format-table.ts';
import { formatTime } from '../format-units.ts';
import { parseCount } from '../parse-arguments.ts';

interface ListOptions extends JsonOption {
  readonly model?: string;
  readonly version?: string;
  readonly rollout?: string;
  readonly kind?: string;
  readonly before?: number;
  readonly limit: number;
}

export function createReceiptsListCommand(context: CliContext): Command {
  return new Command('list')
    .description('receipts, newest first')
    .option('--model <name>', 'of one model')
    .option('--version <version>', 'of one version')
    .option('--rollout <id>', 'of one rollout')
    .option('--kind <kind>', 'gate, rollout, traffic, validation, …')
    .option('--before <sequence>', 'older than this one', parseCount)
    .option('--limit <number>', 'rows', parseCount, 50)
    .addHelpText('after', '\nExample:\n  $ scarmonit receipts list --model support-chat --kind gate')
    .action(async ({ rollout, json, ...filter }: ListOptions) => {
      const wanted = { ...filter, ...(rollout === undefined ? {} : { rolloutId: rollout }) };
      const page = await context.client().admin.listReceipts(wanted, { signal: context.signal });
      showResult(context, json === undefined ? {} : { json }, page, () => {
        if (page.data.length === 0) return ['There are no such receipts.'];
        const rows = page.data.map(({ sequence, createdAt, kind, model, version, hash }) => [
          String(sequence),
          formatTime(createdAt),
          kind,
          `${model}@${version}`,
          hash.slice(0, 12),
        ]);
        return formatTable([['SEQUENCE', 'AT', 'KIND', 'ABOUT', 'HASH'], ...rows], context.terminal.colours.bold);
      });
    });
}
