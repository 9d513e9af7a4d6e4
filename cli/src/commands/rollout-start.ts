import { Command } from 'commander';
import { type CliContext, type JsonOption, showResult } from '../cli-context.ts';
import { addSettingsOptions, type SettingsOptions, toSettings } from '../rollout/settings-options.ts';

interface StartOptions extends JsonOption, SettingsOptions {
  readonly reason?: string;
}

export function createRolloutStartCommand(context: CliContext): Command {
  const command = new Command('start')
    .description("start a rollout from the model's stable version to another one")
    .argument('<model>', 'name of the model')
    .argument('<version>', 'the version to roll out, declared or registered')
    .option('--reason <text>', 'why, for the record');
  return addSettingsOptions(command)
    .addHelpText(
      'after',
      `
Examples:
  $ scarmonit rollout start support-chat 1.1.0
  $ scarmonit rollout start support-chat 1.1.0 --strategy blue-green --reason "new prompt"
  $ scarmonit rollout start support-chat 1.1.0 --steps 5,50 --bake 2`,
    )
    .action(async (model: string, to: string, options: StartOptions) => {
      const { reason } = options;
      const wanted = { model, to, settings: toSettings(options), ...(reason === undefined ? {} : { reason }) };
      const started = await context.client().admin.startRollout(wanted, { signal: context.signal });
      showResult(context, options, started, () => [
        `Started ${started.id}: ${model} ${started.from} → ${to} (${started.strategy}).`,
        `  Watch it: scarmonit rollout status ${model} --watch`,
      ]);
    });
}
