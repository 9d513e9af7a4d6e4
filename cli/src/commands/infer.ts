import { Command, Option } from 'commander';
import { type CliContext, type JsonOption, showResult } from '../cli-context.ts';
import { exitCodes } from '../exit-codes.ts';
import { createInferer, type InferTask, textsAtOnce } from '../infer/create-inferer.ts';
import { inferLines } from '../infer/infer-lines.ts';
import { readStdin, readStdinLines } from '../read-stdin.ts';
import type { Terminal } from '../terminal.ts';
import { UsageError } from '../usage-error.ts';

interface InferOptions extends JsonOption {
  readonly task: InferTask;
  readonly model?: string;
  readonly modelVersion?: string;
  readonly batch?: true;
}

export function createInferCommand(context: CliContext): Command {
  return new Command('infer')
    .description('one answer for one text, or with --batch one for each line')
    .argument('[text...]', 'the text (default: standard input)')
    .addOption(
      new Option('-t, --task <task>', 'what to do with it')
        .choices(['chat', 'embedding', 'classification'])
        .default('chat'),
    )
    .option('--model <name>', 'name of the model (default: the one of that task)')
    .option('--model-version <version>', 'a version, stable or candidate')
    .option('--batch', 'read JSON lines and write one JSON line for each')
    .addHelpText(
      'after',
      `
A line of a batch is a JSON string, or an object with "text" whose other members are given back with the answer.
A line that fails gets an "error" and the rest goes on; the exit code is then 1.

Examples:
  $ scarmonit infer --task classification 'I love it'
  $ jq -c '{id, text: .review}' reviews.json | scarmonit infer --task classification --batch > labels.jsonl`,
    )
    .action(async (words: readonly string[], options: InferOptions) => {
      const { task, model, modelVersion } = options;
      const infer = createInferer(context.client(), { task, model, modelVersion, signal: context.signal });
      if (options.batch === true) {
        if (words.length > 0)
          throw new UsageError('With --batch the texts come from standard input, not from arguments.');
        const write = (line: string): void => context.terminal.print(line);
        const settings = { linesAtOnce: textsAtOnce[task], signal: context.signal };
        const failures = await inferLines(readStdinLines(context.terminal), infer, write, settings);
        if (failures > 0) {
          context.terminal.note(`scarmonit: ${failures} lines failed; their "error" says why.`);
          context.exitWith(exitCodes.failed);
        }
        return;
      }
      const text = words.length > 0 ? words.join(' ') : await readPiped(context.terminal);
      if (text === '') throw new UsageError("There is no text; give it: scarmonit infer 'TEXT', or pipe it in.");
      const [answer] = await infer([text]);
      if (answer === undefined) throw new Error('The server gave no answer for the text. Look at its log.');
      showResult(context, options, answer.value, () => [answer.summary]);
    });
}

/** A terminal would be waited for in silence, so it counts as nothing. */
async function readPiped(terminal: Terminal): Promise<string> {
  return terminal.stdin.isTTY === true ? '' : (await readStdin(terminal)).trim();
}
