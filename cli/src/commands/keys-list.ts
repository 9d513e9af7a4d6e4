import type { Key } from '@scarmonit/protocol/admin/key';
import { Command } from 'commander';
import { type CliContext, type JsonOption, showResult } from '../cli-context.ts';
import { formatTable } from '../format-table.ts';
import { formatTime } from '../format-units.ts';

export function createKeysListCommand(context: CliContext): Command {
  return new Command('list')
    .description('the keys, by prefix; never the keys themselves')
    .addHelpText(
      'after',
      "\nExample:\n  $ scarmonit keys list --json | jq -r '.data[] | select(.revokedAt == null) | .id'",
    )
    .action(async (options: JsonOption) => {
      const keys = await context.client().admin.listKeys({ signal: context.signal });
      showResult(context, options, keys, () => {
        const rows = keys.data.map((key) => [
          key.id,
          `${key.prefix}…`,
          key.name,
          key.scopes.join(','),
          key.models?.join(',') ?? 'all',
          formatTime(key.createdAt),
          stateOf(key, Date.now()),
        ]);
        const heading = ['ID', 'KEY', 'NAME', 'SCOPES', 'MODELS', 'CREATED', 'STATE'];
        return formatTable([heading, ...rows], context.terminal.colours.bold);
      });
    });
}

function stateOf({ revokedAt, expiresAt }: Key, now: number): string {
  if (revokedAt !== null) return `revoked ${formatTime(revokedAt)}`;
  if (expiresAt === null) return 'active';
  return `${expiresAt <= now ? 'expired' : 'active until'} ${formatTime(expiresAt)}`;
}
