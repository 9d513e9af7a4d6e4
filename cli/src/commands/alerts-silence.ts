import type { NewSilence } from '@scarmonit/protocol/admin/alert';
import { alertKindSchema } from '@scarmonit/protocol/admin/alert';
import { Command, Option } from 'commander';
import { type CliContext, type JsonOption, showResult } from '../cli-context.ts';
import { formatTime } from '../format-units.ts';
import { parseExpiry } from '../parse-arguments.ts';
import { UsageError } from '../usage-error.ts';

interface SilenceOptions extends JsonOption, Pick<NewSilence, 'rule' | 'model' | 'kind'> {
  readonly for: number;
  readonly reason: string;
}

export function createAlertsSilenceCommand(context: CliContext): Command {
  return new Command('silence')
    .description('keep alerts from the channels for a while; they are shown all the same')
    .option('--rule <rule>', 'of one rule, such as error-rate/support-chat/page')
    .option('--model <name>', 'of one model')
    .addOption(new Option('--kind <kind>', 'of one kind').choices(alertKindSchema.options))
    .requiredOption('--for <span>', '90m, 12h, 7d or a date', (text) => parseExpiry(text))
    .requiredOption('--reason <text>', 'why')
    .addHelpText(
      'after',
      "\nExample:\n  $ scarmonit alerts silence --model support-chat --for 2h --reason 'the upstream is being moved'",
    )
    .action(async ({ for: until, reason, json, ...matchers }: SilenceOptions) => {
      if (Object.keys(matchers).length === 0) throw new UsageError('Say what is silenced: --rule, --model or --kind.');
      const minutes = Math.max(1, Math.round((until - Date.now()) / 60_000));
      const silence = await context
        .client()
        .admin.silenceAlerts({ ...matchers, minutes, reason }, { signal: context.signal });
      showResult(context, json === undefined ? {} : { json }, silence, () => [
        `Silenced until ${formatTime(silence.until)}. End it before: scarmonit alerts unsilence ${silence.id}`,
      ]);
    });
}
