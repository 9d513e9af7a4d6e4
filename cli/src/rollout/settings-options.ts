import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseAmount } from '../parse-arguments.ts';

/** What a rollout may do in another way than the model's manifest says. */
export interface SettingsOptions {
  readonly strategy?: string;
  readonly steps?: readonly number[];
  readonly shadow?: { readonly percent: number; readonly pairs: number };
  readonly bake?: number;
  readonly deadline?: number;
  readonly promotion?: string;
  readonly sticky?: string;
}

export function addSettingsOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--strategy <name>', "in place of the model's own").choices(['canary', 'linear', 'blue-green']),
    )
    .option('--steps <percentages>', 'such as 1,5,25,50', parseSteps)
    .option('--shadow <percent:pairs>', 'copy requests first, such as 10:1000', parseShadow)
    .option('--bake <minutes>', 'the shortest time at each step', parseAmount)
    .option('--deadline <hours>', 'until when it must be decided', parseAmount)
    .addOption(new Option('--promotion <rule>', 'what the last step needs').choices(['detect', 'prove']))
    .option('--sticky <by>', 'none, key, user or header:NAME');
}

/** The options as the API takes them. */
export function toSettings({ bake, deadline, strategy, steps, shadow, promotion, sticky }: SettingsOptions) {
  const settings = { strategy, steps, shadow, promotion, sticky, minBakeMinutes: bake, deadlineHours: deadline };
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}

function parseSteps(text: string): readonly number[] {
  return text.split(',').map(parseAmount);
}

function parseShadow(text: string): { readonly percent: number; readonly pairs: number } {
  const [percent, pairs, ...more] = text.split(':');
  if (percent === undefined || pairs === undefined || more.length > 0) {
    throw new InvalidArgumentError('Give percent and pairs, such as 10:1000.');
  }
  return { percent: parseAmount(percent), pairs: parseAmount(pairs) };
}
