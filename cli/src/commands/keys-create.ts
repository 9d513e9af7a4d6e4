import type { NewKey } from '@scarmonit/protocol/admin/key';
import { Command, InvalidArgumentError } from 'commander';
import { type CliContext, type JsonOption, showResult } from '../cli-context.ts';
import { formatTime } from '../format-units.ts';
import { collect, parseCount, parseExpiry } from '../parse-arguments.ts';

interface CreateOptions extends JsonOption {
  readonly name: string;
  readonly scope?: readonly string[];
  readonly model?: readonly string[];
  readonly requestsPerMinute?: number;
  readonly tokensPerMinute?: number;
  readonly expires?: number;
}

const scopes = ['infer', 'read', 'admin'] as const;

export function createKeysCreateCommand(context: CliContext): Command {
  return new Command('create')
    .description('make a key; it is shown once and kept only as a hash')
    .requiredOption('--name <name>', 'what it is for')
    .option('--scope <scope>', 'what it may do: infer, read, admin; repeat for several (default: infer)', parseScope)
    .option('--model <name>', 'a model it may use; repeat for several (default: all)', collect)
    .option('--requests-per-minute <number>', 'limit of requests (default: none)', parseCount)
    .option('--tokens-per-minute <number>', 'limit of tokens (default: none)', parseCount)
    .option('--expires <when>', '30d, 12h, 90m or a date (default: never)', (text) => parseExpiry(text))
    .addHelpText(
      'after',
      `
Examples:
  $ scarmonit keys create --name my-app
  $ export SCARMONIT_API_KEY=$(scarmonit keys create --name ci --scope read --expires 30d --json | jq -r .secret)`,
    )
    .action(async (options: CreateOptions) => {
      const wanted: NewKey = {
        name: options.name,
        scopes: scopes.filter((scope) => (options.scope ?? ['infer']).includes(scope)),
        ...(options.model === undefined ? {} : { models: [...options.model] }),
        ...(options.requestsPerMinute === undefined ? {} : { requestsPerMinute: options.requestsPerMinute }),
        ...(options.tokensPerMinute === undefined ? {} : { tokensPerMinute: options.tokensPerMinute }),
        ...(options.expires === undefined ? {} : { expiresAt: options.expires }),
      };
      const created = await context.client().admin.createKey(wanted, { signal: context.signal });
      showResult(context, options, created, () => [
        created.secret,
        `  Shown this once. ${created.key.name}: ${created.key.scopes.join(', ')}; ` +
          `${created.key.models?.join(', ') ?? 'all models'}; ` +
          `${created.key.expiresAt === null ? 'never expires' : `expires ${formatTime(created.key.expiresAt)}`}; id ${created.key.id}`,
      ]);
    });
}

function parseScope(text: string, before: readonly string[] = []): readonly string[] {
  if (!scopes.some((scope) => scope === text)) throw new InvalidArgumentError(`The scopes are ${scopes.join(', ')}.`);
  return [...before, text];
}
