import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import { type CliContext, type JsonOption, showResult } from '../cli-context.ts';
import { exitCodes } from '../exit-codes.ts';
import { formatTable } from '../format-table.ts';
import { readStdin } from '../read-stdin.ts';
import { UsageError } from '../usage-error.ts';

export function createDriftCommand(context: CliContext): Command {
  return new Command('drift')
    .description('how the requests and answers of versions compare with those of their first weeks')
    .addCommand(createShowCommand(context), { isDefault: true })
    .addCommand(createAcceptCommand(context))
    .addCommand(createReferenceCommand(context));
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

interface ReferenceOptions extends JsonOption {
  readonly file: string;
  readonly modelVersion?: string;
}

function createReferenceCommand(context: CliContext): Command {
  return new Command('reference')
    .description('make a data set the reference of a version; only its counts are kept')
    .argument('<model>', 'name of the model')
    .requiredOption(
      '--file <path>',
      'lines of JSON with input, output, inputTokens or outputTokens; - reads standard input',
    )
    .option('--model-version <version>', 'the version; default the stable one')
    .addHelpText(
      'after',
      '\nExample:\n  $ scarmonit drift reference sentiment --file reviews.jsonl\n' +
        '  each line like {"input": "What a film!", "output": "positive"}',
    )
    .action(async (model: string, options: ReferenceOptions) => {
      const { file, modelVersion } = options;
      const text = file === '-' ? await readStdin(context.terminal) : await readFile(file, 'utf8');
      const reference = {
        model,
        ...(modelVersion === undefined ? {} : { version: modelVersion }),
        examples: parseLines(text, file),
      };
      const taken = await context.client().admin.setDriftReference(reference, { signal: context.signal });
      showResult(context, options, taken, () => {
        const rows = taken.features.map(({ feature, examples, isReference }) => [
          feature,
          String(examples),
          isReference ? 'the new reference' : 'too few, left as it was',
        ]);
        return formatTable(
          [['FEATURE', 'EXAMPLES', `${taken.model} ${taken.version}`], ...rows],
          context.terminal.colours.bold,
        );
      });
    });
}

function parseLines(text: string, file: string): readonly unknown[] {
  return text.split('\n').flatMap((line, place) => {
    if (line.trim() === '') return [];
    try {
      return [JSON.parse(line) as unknown];
    } catch {
      throw new UsageError(
        `Line ${place + 1} of ${file} is no JSON. Each line must be an object such as {"input": "…"}.`,
      );
    }
  });
}
