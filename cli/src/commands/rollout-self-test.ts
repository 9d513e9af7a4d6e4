import type { SelfTestReportView } from '@scarmonit/protocol/admin/self-test';
import { Command } from 'commander';
import { type CliContext, type JsonOption, showResult } from '../cli-context.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Colours } from '../terminal.ts';

type Case = SelfTestReportView['cases'][number];

export function createRolloutSelfTestCommand(context: CliContext): Command {
  return new Command('self-test')
    .description('roll planted bad versions out in a sandbox on the server; ends with 1 when one is not stopped')
    .addHelpText('after', '\nExample:\n  $ scarmonit rollout self-test --json')
    .action(async (options: JsonOption) => {
      const report = await followSelfTest(context);
      if (!report.passed) context.exitWith(exitCodes.failed);
      showResult(context, options, report, () => {
        const { colours } = context.terminal;
        return [...report.cases.flatMap((planted) => drawCase(planted, colours)), '', ...drawSummary(report, colours)];
      });
    });
}

/** For as long as the server goes on: a slow machine takes its time, and says so on standard error. */
async function followSelfTest({ client, signal, terminal }: CliContext): Promise<SelfTestReportView> {
  let report: SelfTestReportView | undefined;
  for await (const event of client().admin.runSelfTest({ signal })) {
    if (event.type === 'report') report = event.report;
    else terminal.note(`${event.number} of ${event.of}: ${event.name}, ${event.requests} requests`);
  }
  if (report === undefined) throw new Error('A self-test ends with its report.');
  return report;
}

function drawCase(planted: Case, { bold, green, red }: Colours): string[] {
  const { name, passed, outcome, gate, requests, elapsedMs, expected, reason } = planted;
  const mark = passed ? green('ok') : red('NO');
  const by = gate === null ? '' : ` by ${gate}`;
  return [
    `${mark}  ${bold(name)}: ${planted.planted}`,
    `    ${outcome}${by} after ${requests} requests, ${describeTime(elapsedMs)}`,
    ...(passed ? [] : [red(`    expected: ${expected}`)]),
    `    ${reason}`,
  ];
}

/** What was real and what was not belongs to the result: nobody should have to guess what it proves. */
function drawSummary({ cases, store, seed, tookMs, passed }: SelfTestReportView, { green, red }: Colours): string[] {
  const sum = (of: (planted: Case) => number): number => cases.reduce((total, planted) => total + of(planted), 0);
  const requests = sum((planted) => planted.requests);
  return [
    `Real: this server's code from the inference service on (assignment, deadlines, records, shadow copies, feedback,`,
    `counters, gates, controller, ${sum(({ receipts }) => receipts)} receipts verified), apart from its models, over ${store}.`,
    `Drawn: what ${requests} requests were answered, and when (seed ${seed}). Their clock passed by itself: ` +
      `${describeTime(sum(({ elapsedMs }) => elapsedMs))} in ${describeTime(tookMs)}.`,
    passed ? green('Every planted version ended as it must.') : red('The rules of rollouts do not do what they must.'),
  ];
}

function describeTime(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  return seconds < 60 ? `${Number(seconds.toFixed(1))} s` : `${Number((seconds / 60).toFixed(1))} min`;
}
