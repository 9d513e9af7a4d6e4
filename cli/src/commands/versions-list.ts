import { Command } from 'commander';
import { type CliContext, type JsonOption, showResult } from '../cli-context.ts';
import { formatTable } from '../format-table.ts';
import { formatTime } from '../format-units.ts';

export function createVersionsListCommand(context: CliContext): Command {
  return new Command('list')
    .description('the versions of a model with their status')
    .argument('<model>', 'name of the model')
    .addHelpText('after', '\nExample:\n  $ scarmonit versions list support-chat')
    .action(async (model: string, options: JsonOption) => {
      const versions = await context.client().admin.listVersions(model, { signal: context.signal });
      showResult(context, options, versions, () => {
        const rows = versions.data.map(({ version, status, alias, state, createdAt, digest }) => [
          alias === null ? version : `${version} (${alias})`,
          status,
          state ?? 'not loaded',
          formatTime(createdAt),
          digest.slice(0, 12),
        ]);
        return formatTable([['VERSION', 'STATUS', 'STATE', 'SINCE', 'DIGEST'], ...rows], context.terminal.colours.bold);
      });
    });
}
