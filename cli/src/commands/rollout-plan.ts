import { Command } from 'commander';
import { type CliContext, type JsonOption, showResult } from '../cli-context.ts';
import { parseAmount } from '../parse-arguments.ts';
import { addSettingsOptions, type SettingsOptions, toSettings } from '../rollout/settings-options.ts';

interface PlanOptions extends JsonOption, SettingsOptions {
  readonly requestsPerMinute?: number;
}

const sources = {
  given: 'as given',
  'last-5-minutes': 'seen in the last 5 minutes',
  'last-hour': 'seen in the last hour',
} as const;

export function createRolloutPlanCommand(context: CliContext): Command {
  const command = new Command('plan')
    .description('what each gate of a rollout needs at the traffic seen, and whether it fits the deadline')
    .argument('<model>', 'name of the model')
    .option('--requests-per-minute <number>', 'in place of the traffic seen', parseAmount);
  return addSettingsOptions(command)
    .addHelpText('after', '\nExample:\n  $ scarmonit rollout plan support-chat --requests-per-minute 20 --deadline 12')
    .action(async (model: string, options: PlanOptions) => {
      const { requestsPerMinute } = options;
      const wanted = {
        model,
        settings: toSettings(options),
        ...(requestsPerMinute === undefined ? {} : { requestsPerMinute }),
      };
      const forecast = await context.client().admin.planRollout(wanted, { signal: context.signal });
      showResult(context, options, forecast, () => [
        `${model}, ${forecast.strategy}, ${Number(forecast.requestsPerMinute.toPrecision(3))} requests/min (${sources[forecast.trafficFrom]})`,
        ...forecast.sentences.map((sentence) => `  ${sentence}`),
      ]);
    });
}
