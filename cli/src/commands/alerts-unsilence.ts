import { Command } from 'commander';
import { type CliContext, type JsonOption, showResult } from '../cli-context.ts';

export function createAlertsUnsilenceCommand(context: CliContext): Command {
  return new Command('unsilence')
    .description('end a silence; what fires and was not told is told then')
    .argument('<id>', 'as `alerts list` shows it')
    .addHelpText('after', '\nExample:\n  $ scarmonit alerts unsilence 019a3b')
    .action(async (id: string, options: JsonOption) => {
      const report = await context.client().admin.endSilence(id, { signal: context.signal });
      showResult(context, options, report, () => [`Ended. ${report.firing.length} alerts fire now.`]);
    });
}
