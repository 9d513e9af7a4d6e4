import type { RolloutCommandName } from '@scarmonit/client/create-rollout-client';
import { Command } from 'commander';
import { type CliContext, type JsonOption, showResult } from '../cli-context.ts';
import { parseCount } from '../parse-arguments.ts';
import { findRolloutId } from '../rollout/find-rollout.ts';

interface DecisionOptions extends JsonOption {
  readonly reason?: string;
  readonly revision?: number;
}

const descriptions: Readonly<Record<RolloutCommandName, string>> = {
  pause: 'take no further step; the gates go on watching',
  resume: 'go on, also after a hold or a freeze',
  promote: 'enter the next stage now',
  rollback: 'go back to the old version at once, also while it is kept warm after the end',
  abort: 'go back to the old version and end the rollout',
};

export const rolloutDecisions: readonly RolloutCommandName[] = ['pause', 'resume', 'promote', 'rollback', 'abort'];

export function createRolloutDecisionCommand(context: CliContext, decision: RolloutCommandName): Command {
  return new Command(decision)
    .description(descriptions[decision])
    .argument('[rollout]', 'its id, or a model for the newest of it (default: the newest of all)')
    .option('--reason <text>', 'why, for the record')
    .option('--revision <number>', 'of the state that you decide on; refused when it has moved since', parseCount)
    .addHelpText('after', `\nExample:\n  $ scarmonit rollout ${decision} support-chat --reason "seen enough"`)
    .action(async (named: string | undefined, options: DecisionOptions) => {
      const { reason, revision } = options;
      const id = await findRolloutId(context, named);
      const given = { ...(reason === undefined ? {} : { reason }), ...(revision === undefined ? {} : { revision }) };
      const moved = await context.client().admin.commandRollout(id, decision, given, { signal: context.signal });
      const paused = moved.state.paused ? ', paused' : '';
      showResult(context, options, moved, () => [
        `${moved.model} ${moved.from} → ${moved.to}: ${moved.state.phase}${paused}. ${moved.state.reason}`,
      ]);
    });
}
