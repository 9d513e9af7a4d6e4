import { Command } from 'commander';
import type { CliContext } from '../cli-context.ts';
import { createVersionsDeprecateCommand } from './versions-deprecate.ts';
import { createVersionsListCommand } from './versions-list.ts';
import { createVersionsRegisterCommand } from './versions-register.ts';
import { createVersionsShowCommand } from './versions-show.ts';

export function createVersionsCommand(context: CliContext): Command {
  return new Command('versions')
    .description('register, list, show and deprecate versions of a model')
    .addCommand(createVersionsRegisterCommand(context))
    .addCommand(createVersionsListCommand(context))
    .addCommand(createVersionsShowCommand(context))
    .addCommand(createVersionsDeprecateCommand(context));
}
