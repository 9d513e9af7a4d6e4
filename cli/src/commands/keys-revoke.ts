import type { Key } from '@scarmonit/protocol/admin/key';
import { Command } from 'commander';
import { type CliContext, type JsonOption, showResult } from '../cli-context.ts';
import { UsageError } from '../usage-error.ts';

export function createKeysRevokeCommand(context: CliContext): Command {
  return new Command('revoke')
    .description('end a key at once')
    .argument('<key>', 'its id, or the prefix that `keys list` shows')
    .addHelpText('after', '\nExample:\n  $ scarmonit keys revoke sk-scarmonit-3f9a')
    .action(async (idOrPrefix: string, options: JsonOption) => {
      const { admin } = context.client();
      const { data } = await admin.listKeys({ signal: context.signal });
      const key = chooseKey(data, idOrPrefix);
      // What is unknown here is the server's to refuse, so that the exit code is that of a refusal.
      const revoked = await admin.revokeKey(key?.id ?? idOrPrefix, { signal: context.signal });
      showResult(context, options, revoked, () => [`Revoked ${revoked.prefix}… (${revoked.name}).`]);
    });
}

function chooseKey(keys: readonly Key[], idOrPrefix: string): Key | undefined {
  const exact = keys.find(({ id }) => id === idOrPrefix);
  if (exact !== undefined) return exact;
  const wanted = idOrPrefix.replace(/…$/, '');
  const matches = keys.filter(
    ({ prefix, revokedAt }) => revokedAt === null && wanted !== '' && prefix.startsWith(wanted),
  );
  if (matches.length > 1) {
    throw new UsageError(
      `${matches.length} keys begin with ${wanted}; give one of the ids ${matches.map(({ id }) => id).join(', ')}.`,
    );
  }
  return matches[0];
}
