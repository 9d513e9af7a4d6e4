import { Command } from 'commander';
import type { CliContext } from '../cli-context.ts';
import { createPredictionsExportCommand } from './predictions-export.ts';
import { createPredictionsListCommand } from './predictions-list.ts';

export function createPredictionsCommand(context: CliContext): Command {
  return new Command('predictions')
    .description('look at requests as they were recorded: figures only, no prompts and no answers')
    .addCommand(createPredictionsListCommand(context))
    .addCommand(createPredictionsExportCommand(context));
}
