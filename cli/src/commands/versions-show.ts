import type { VersionRecordView } from '@scarmonit/protocol/admin/version';
import { Command } from 'commander';
import { type CliContext, type JsonOption, showResult } from '../cli-context.ts';
import { formatTime } from '../format-units.ts';

export function createVersionsShowCommand(context: CliContext): Command {
  return new Command('show')
    .description('one version: status, digest, what it runs, model card')
    .argument('<model>', 'name of the model')
    .argument('<version>', 'such as 1.0.0')
    .addHelpText('after', '\nExample:\n  $ scarmonit versions show support-chat 1.0.0')
    .action(async (model: string, version: string, options: JsonOption) => {
      const record = await context.client().admin.findVersion(model, version, { signal: context.signal });
      showResult(context, options, record, () => describeRecord(record, context.terminal.colours.bold));
    });
}

function describeRecord(record: VersionRecordView, bold: (text: string) => string): string[] {
  const { model, version, status, alias, state, digest, createdAt, deprecation, declaration, card } = record;
  return [
    bold(`${model}@${version}`),
    `  status    ${status}${alias === null ? '' : ` (${alias})`}, ${state ?? 'not loaded'}`,
    `  digest    ${digest}`,
    `  since     ${formatTime(createdAt)}`,
    ...(deprecation === null
      ? []
      : [
          `  deprecated ${formatTime(deprecation.since)} by ${deprecation.decidedBy}: ${deprecation.reason || 'no reason given'}`,
          `  sunset    ${formatTime(deprecation.sunsetAt)}`,
        ]),
    ...(declaration === null ? [] : [`  runs      ${JSON.stringify(declaration)}`]),
    ...Object.entries(card ?? {}).map(
      ([field, value]) => `  ${field.padEnd(9)} ${typeof value === 'string' ? value : JSON.stringify(value)}`,
    ),
  ];
}
