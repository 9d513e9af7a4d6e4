import type { FeedbackRequest } from '@scarmonit/protocol/api/feedback';
import { Command, Option } from 'commander';
import { type CliContext, type JsonOption, showResult } from '../cli-context.ts';
import { UsageError } from '../usage-error.ts';

interface FeedbackOptions extends JsonOption {
  readonly up?: true;
  readonly down?: true;
  readonly label?: string;
  readonly completed?: boolean;
}

export function createFeedbackCommand(context: CliContext): Command {
  return new Command('feedback')
    .description('say what became of an answer')
    .argument('<request-id>', "the answer's x-request-id")
    .addOption(new Option('--up', 'it was good').conflicts('down'))
    .option('--down', 'it was bad')
    .option('--label <label>', 'what would have been right')
    .option('--completed', "the user's task was done")
    .option('--no-completed', "the user's task was not done")
    .addHelpText('after', '\nExample:\n  $ scarmonit feedback req_0192 --up --completed')
    .action(async (requestId: string, options: FeedbackOptions, command: Command) => {
      const { up, down, label } = options;
      // A negated option is true by default; only what was said counts.
      const completed = command.getOptionValueSource('completed') === 'cli' ? options.completed : undefined;
      const rating = up === true ? 'up' : down === true ? 'down' : undefined;
      if (rating === undefined && label === undefined && completed === undefined) {
        throw new UsageError('Say at least one of --up, --down, --label, --completed and --no-completed.');
      }
      const feedback: FeedbackRequest = {
        requestId,
        ...(rating === undefined ? {} : { rating }),
        ...(label === undefined ? {} : { label }),
        ...(completed === undefined ? {} : { completed }),
      };
      const taken = await context.client().giveFeedback(feedback, { signal: context.signal });
      showResult(context, options, taken, () => [`Kept as ${taken.id}.`]);
    });
}
