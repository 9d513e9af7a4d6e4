import { Command } from 'commander';
import { type CliContext, type JsonOption, showResult } from '../cli-context.ts';
import { formatTime } from '../format-units.ts';
import { parseExpiry } from '../parse-arguments.ts';

interface DeprecateOptions extends JsonOption {
  readonly reason?: string;
  readonly sunset?: number;
  readonly undo?: true;
}

export function createVersionsDeprecateCommand(context: CliContext): Command {
  return new Command('deprecate')
    .description('take a version out of use: it then answers only when it is pinned, and says that it is deprecated')
    .argument('<model>', 'name of the model')
    .argument('<version>', 'such as 1.0.0')
    .option('--reason <text>', 'why, for the record')
    .option('--sunset <when>', 'when it will stop to answer: 30d, 12h or a date', (text) => parseExpiry(text))
    .option('--undo', 'take it back into use')
    .addHelpText('after', '\nExample:\n  $ scarmonit versions deprecate support-chat 1.0.0 --sunset 90d')
    .action(async (model: string, version: string, options: DeprecateOptions) => {
      const { reason, sunset, undo } = options;
      const decision = {
        deprecated: undo !== true,
        ...(reason === undefined ? {} : { reason }),
        ...(sunset === undefined ? {} : { sunsetAt: sunset }),
      };
      const record = await context
        .client()
        .admin.deprecateVersion(model, version, decision, { signal: context.signal });
      const until = record.deprecation?.sunsetAt ?? null;
      showResult(context, options, record, () => [
        `${model}@${version} is ${record.status}${until === null ? '' : ` until ${formatTime(until)}`}.`,
      ]);
    });
}
