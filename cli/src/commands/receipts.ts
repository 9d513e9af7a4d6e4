import { Command } from 'commander';
import type { CliContext } from '../cli-context.ts';
import { createReceiptsListCommand } from './receipts-list.ts';
import { createReceiptsVerifyCommand } from './receipts-verify.ts';

export function createReceiptsCommand(context: CliContext): Command {
  return new Command('receipts')
    .description('look at the evidence that was recorded, and check that nobody has changed it')
    .addCommand(createReceiptsListCommand(context))
    .addCommand(createReceiptsVerifyCommand(context));
}
