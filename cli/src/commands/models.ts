import { Command } from 'commander';
import type { CliContext } from '../cli-context.ts';
import { createModelsAddCommand } from './models-add.ts';
import { createModelsInfoCommand } from './models-info.ts';
import { createModelsListCommand } from './models-list.ts';
import { createModelsPullCommand } from './models-pull.ts';

export function createModelsCommand(context: CliContext): Command {
  return new Command('models')
    .description('list, add, fetch and look at models')
    .addCommand(createModelsListCommand(context))
    .addCommand(createModelsInfoCommand(context))
    .addCommand(createModelsAddCommand(context))
    .addCommand(createModelsPullCommand(context));
}
