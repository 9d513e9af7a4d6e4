import { Command } from 'commander';
import { type CliContext, type JsonOption, showResult } from '../cli-context.ts';
import { exitCodes } from '../exit-codes.ts';
import { formatTable } from '../format-table.ts';

export function createRolloutSelfTestCommand(context: CliContext): Command {
  return new Command('self-test')
    .description('roll planted bad versions out in a sandbox on the server; ends with 1 when one is not stopped')
    .addHelpText('after', '\nExample:\n  $ scarmonit rollout self-test --json')
    .action(async (options: JsonOption) => {
      const report = await context.client().admin.runSelfTest({ signal: context.signal });
      if (!report.passed) context.exitWith(exitCodes.failed);
      showResult(context, options, report, () => {
        const { bold, green, red } = context.terminal.colours;
        const rows = report.cases.map(({ name, planted, outcome, gate, requests, passed }) => [
          name,
          planted,
          outcome,
          gate ?? '-',
          String(requests),
          passed ? 'yes' : 'NO',
        ]);
        return [
          ...formatTable([['VERSION', 'PLANTED', 'OUTCOME', 'STOPPED BY', 'REQUESTS', 'AS EXPECTED'], ...rows], bold),
          report.passed
            ? green('Every planted version ended as it must.')
            : red('The rules of rollouts do not do what they must.'),
        ];
      });
    });
}
