import { Command } from 'commander';
import { type CliContext, type JsonOption, showResult } from '../cli-context.ts';
import { exitCodes } from '../exit-codes.ts';
import { formatTable } from '../format-table.ts';

export function createDriftCommand(context: CliContext): Command {
  return new Command('drift')
    .description('how the requests and answers of versions compare with those of their first weeks')
    .addCommand(createShowCommand(context), { isDefault: true })
    .addCommand(createAcceptCommand(context));
}

function createShowCommand(context: CliContext): Command {
  return new Command('show')
    .description('show it; ends with 1 when something has drifted')
    .argument('[model]', 'only this model')
    .addHelpText('after', '\nExample:\n  $ scarmonit drift show sentiment')
    .action(async (model: string | undefined, options: JsonOption) => {
      const report = await context.client().admin.readDrift(model, { signal: context.signal });
      if (report.data.some(({ state }) => state === 'drifted')) context.exitWith(exitCodes.failed);
      showResult(context, options, report, () => {
        if (report.data.length === 0) return ['Nothing is known yet. A reference begins with the first whole day.'];
        const { bold, red } = context.terminal.colours;
        const rows = report.data.map((one) => [
          one.model,
          one.version,
          one.feature,
          one.state === 'drifted' ? red(one.state) : one.state,
          one.psi === null ? '-' : one.psi.toFixed(3),
          `${one.evidence.toPrecision(2)} of ${one.evidenceNeeded}`,
          one.summary,
        ]);
        return formatTable([['MODEL', 'VERSION', 'FEATURE', 'STATE', 'PSI', 'EVIDENCE', 'IN WORDS'], ...rows], bold);
      });
    });
}

function createAcceptCommand(context: CliContext): Command {
  return new Command('accept')
    .description('make what a model sees from now on, for two weeks, its new reference')
    .argument('<model>', 'name of the model')
    .action(async (model: string, options: JsonOption) => {
      const forgotten = await context.client().admin.renewDriftReference(model, { signal: context.signal });
      showResult(context, options, forgotten, () => [`${forgotten.features} distributions begin a new reference.`]);
    });
}
