import type { SimulatedDetector } from '@scarmonit/agent-api/node/simulate-rollouts';
import { Command } from 'commander';
import { type CliContext, type JsonOption, showResult } from '../cli-context.ts';
import { formatTable } from '../format-table.ts';
import { parseAmount, parseCount } from '../parse-arguments.ts';
import { UsageError } from '../usage-error.ts';

interface SimulateOptions extends JsonOption {
  readonly goal: number;
  readonly healthy: number;
  readonly bad: number;
  readonly requestsPerMinute: number;
  readonly minutes: number;
  readonly runs: number;
  readonly seed: number;
}

export function createRolloutSimulateCommand(context: CliContext): Command {
  return new Command('simulate')
    .description('play rollouts with made-up traffic: false alarms and detections of the gates beside the usual rules')
    .option('--goal <share>', 'maxErrorRate', parseAmount, 0.01)
    .option('--healthy <share>', 'error rate of stable and of a healthy candidate', parseAmount, 0.005)
    .option('--bad <share>', 'error rate of a bad candidate', parseAmount, 0.05)
    .option('--requests-per-minute <number>', 'all traffic of the model', parseCount, 200)
    .option('--minutes <number>', 'per step of 5, 25 and 50 %', parseCount, 20)
    .option('--runs <number>', 'rollouts of each kind', parseCount, 200)
    .option('--seed <number>', 'the same seed gives the same figures', parseCount, 1)
    .addHelpText(
      'after',
      '\nExample:\n  $ scarmonit rollout simulate --goal 0.01 --bad 0.03 --requests-per-minute 1000',
    )
    .action(async (options: SimulateOptions) => {
      if (options.goal <= 0 || options.goal >= 1) throw new UsageError('The goal must be above 0 and below 1.');
      if (options.healthy > 1 || options.bad > 1) throw new UsageError('Error rates are shares, at most 1.');
      const { simulateRollouts } = await import('@scarmonit/agent-api/node/simulate-rollouts');
      const detectors = simulateRollouts({
        maxErrorRate: options.goal,
        errorRate: options.healthy,
        badErrorRate: options.bad,
        requestsPerMinute: options.requestsPerMinute,
        minutesPerStep: options.minutes,
        steps: [0.05, 0.25, 0.5],
        falseRollbackBudget: 0.01,
        detect: 5,
        runs: options.runs,
        seed: options.seed,
      });
      showResult(context, options, { data: detectors }, () =>
        formatTable(
          [['RULE', 'HEALTHY ROLLED BACK', 'BAD ROLLED BACK', 'BAD REQUESTS (MEDIAN)'], ...detectors.map(toRow)],
          context.terminal.colours.bold,
        ),
      );
    });
}

function toRow({ detector, falseAlarms, detected, medianCandidateRequests }: SimulatedDetector): string[] {
  const percent = (share: number): string => `${Number((share * 100).toFixed(1))} %`;
  return [detector, percent(falseAlarms), percent(detected), String(medianCandidateRequests ?? '-')];
}
