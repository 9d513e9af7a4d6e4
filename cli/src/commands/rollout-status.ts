import { Command } from 'commander';
import { type CliContext, type JsonOption, showResult } from '../cli-context.ts';
import { exitCodes } from '../exit-codes.ts';
import { drawRollout } from '../rollout/draw-rollout.ts';
import { findRolloutId } from '../rollout/find-rollout.ts';
import { watchRollout } from '../rollout/watch-rollout.ts';

interface StatusOptions extends JsonOption {
  readonly watch?: true;
}

export function createRolloutStatusCommand(context: CliContext): Command {
  return new Command('status')
    .description('where a rollout stands: traffic, and each gate against its threshold')
    .argument('[rollout]', 'its id, or a model for the newest of it (default: the newest of all)')
    .option('--watch', 'follow it to its end; ends with 1 when it was not promoted')
    .addHelpText(
      'after',
      '\nExamples:\n  $ scarmonit rollout status support-chat --watch\n  $ scarmonit rollout status --json',
    )
    .action(async (named: string | undefined, options: StatusOptions) => {
      const id = await findRolloutId(context, named);
      if (options.watch === true) {
        const ended = await watchRollout(context, id, options);
        if (ended.state.phase !== 'active') context.exitWith(exitCodes.failed);
        return;
      }
      const rollout = await context.client().admin.findRollout(id, { signal: context.signal });
      showResult(context, options, rollout, () => drawRollout(rollout, context.terminal.colours));
    });
}
