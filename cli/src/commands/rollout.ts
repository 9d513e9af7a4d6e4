import { Command } from 'commander';
import type { CliContext } from '../cli-context.ts';
import { createRolloutDecisionCommand, rolloutDecisions } from './rollout-decide.ts';
import { createRolloutPlanCommand } from './rollout-plan.ts';
import { createRolloutSelfTestCommand } from './rollout-self-test.ts';
import { createRolloutSimulateCommand } from './rollout-simulate.ts';
import { createRolloutStartCommand } from './rollout-start.ts';
import { createRolloutStatusCommand } from './rollout-status.ts';

export function createRolloutCommand(context: CliContext): Command {
  const command = new Command('rollout')
    .description('bring a version to the traffic, step by step, and watch its gates')
    .addCommand(createRolloutStartCommand(context))
    .addCommand(createRolloutStatusCommand(context));
  for (const decision of rolloutDecisions) command.addCommand(createRolloutDecisionCommand(context, decision));
  return command
    .addCommand(createRolloutPlanCommand(context))
    .addCommand(createRolloutSimulateCommand(context))
    .addCommand(createRolloutSelfTestCommand(context));
}
