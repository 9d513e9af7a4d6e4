import type { ModelView, VersionView } from '@scarmonit/protocol/admin/model';
import { Command } from 'commander';
import { type CliContext, type JsonOption, showResult } from '../cli-context.ts';
import { formatBytes, formatTime } from '../format-units.ts';
import type { Colours } from '../terminal.ts';

export function createModelsInfoCommand(context: CliContext): Command {
  return new Command('info')
    .description('what the server knows of a model: goals, versions, digests, live figures')
    .argument('<name>', 'name of the model')
    .addHelpText('after', '\nExample:\n  $ scarmonit models info tinyllama-chat')
    .action(async (name: string, options: JsonOption) => {
      const model = await context.client().admin.findModel(name, { signal: context.signal });
      showResult(context, options, model, () => describeModel(model, context.terminal.colours));
    });
}

function describeModel(model: ModelView, colours: Colours): string[] {
  const goals = Object.entries(model.goals).map(([goal, value]) => `${goal} ${value}`);
  return [
    colours.bold(model.name),
    `  task      ${model.task}`,
    `  stable    ${model.stable}`,
    `  since     ${formatTime(model.createdAt)}`,
    `  goals     ${goals.length === 0 ? 'none' : goals.join(', ')}`,
    ...model.versions.flatMap((version) => ['', ...describeVersion(version, colours)]),
  ];
}

function describeVersion(
  { version, state, reason, runtime, sha256, options, stats }: VersionView,
  colours: Colours,
): string[] {
  const lines = [
    `${colours.bold(version)} ${state}${reason === null ? '' : `: ${reason}`}`,
    `  runtime   ${runtime}`,
    `  artifact  sha256 ${sha256}`,
    `  options   ${JSON.stringify(options)}`,
  ];
  if (stats === null) return lines;
  const batches = Object.entries(stats.batchSizes).map(([size, count]) => `${size}: ${count}`);
  return [
    ...lines,
    `  memory    ${formatBytes(stats.residentBytes)}`,
    `  work      ${stats.running} of ${stats.slots} slots, ${stats.queued} of ${stats.queueLimit} queued`,
    ...(batches.length === 0 ? [] : [`  batches   ${batches.join(', ')} (size: count)`]),
    `  crashes   ${stats.crashes}`,
  ];
}
