import { Command } from 'commander';
import { type CliContext, type JsonOption, showResult } from '../cli-context.ts';
import { exitCodes } from '../exit-codes.ts';

export function createAlertsTestCommand(context: CliContext): Command {
  return new Command('test')
    .description(
      'plant an alert and send it through every channel of the server; ends with 1 when one does not take it',
    )
    .addHelpText('after', '\nExample:\n  $ scarmonit alerts test && echo alerts arrive')
    .action(async (options: JsonOption) => {
      const report = await context.client().admin.testAlerts({ signal: context.signal });
      if (!report.passed) context.exitWith(exitCodes.failed);
      showResult(context, options, report, () => {
        const { green, red } = context.terminal.colours;
        const { deliveries, receipts, alert } = report;
        const lines = deliveries.map(({ channel, target, delivered, problem, elapsedMs }) =>
          delivered
            ? `${green('delivered')}  ${channel} to ${target} in ${Math.round(elapsedMs)} ms`
            : `${red('NOT delivered')}  ${channel} to ${target}: ${problem}`,
        );
        const evidence = receipts.map(({ sequence, model, version }) => `${sequence} (${model}@${version})`).join(', ');
        return [
          `Planted: ${alert.title}.`,
          ...(lines.length === 0
            ? [red('No channel is configured: set SCARMONIT_WEBHOOK_URL, SCARMONIT_SLACK_URL or SCARMONIT_SMTP_URL.')]
            : lines),
          evidence === '' ? 'No receipts: no model is served.' : `Receipts: ${evidence}.`,
        ];
      });
    });
}
