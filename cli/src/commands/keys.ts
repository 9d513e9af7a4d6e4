import { Command } from 'commander';
import type { CliContext } from '../cli-context.ts';
import { createKeysCreateCommand } from './keys-create.ts';
import { createKeysListCommand } from './keys-list.ts';
import { createKeysRevokeCommand } from './keys-revoke.ts';

export function createKeysCommand(context: CliContext): Command {
  return new Command('keys')
    .description('make, list and revoke API keys (needs a key with the scope admin)')
    .addCommand(createKeysCreateCommand(context))
    .addCommand(createKeysListCommand(context))
    .addCommand(createKeysRevokeCommand(context));
}
