import { Command } from 'commander';
import type { CliContext } from '../cli-context.ts';
import { createAlertsListCommand } from './alerts-list.ts';
import { createAlertsSilenceCommand } from './alerts-silence.ts';
import { createAlertsTestCommand } from './alerts-test.ts';
import { createAlertsUnsilenceCommand } from './alerts-unsilence.ts';

export function createAlertsCommand(context: CliContext): Command {
  return new Command('alerts')
    .description('see what fires, keep it quiet for a while, and test that alerts arrive')
    .addCommand(createAlertsListCommand(context))
    .addCommand(createAlertsSilenceCommand(context))
    .addCommand(createAlertsUnsilenceCommand(context))
    .addCommand(createAlertsTestCommand(context));
}
