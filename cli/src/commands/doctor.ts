import type { Finding, FindingStatus } from '@scarmonit/agent-api/node/diagnose';
import { Command } from 'commander';
import { type CliContext, type JsonOption, showResult } from '../cli-context.ts';
import { checkServer } from '../doctor/check-server.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Colours } from '../terminal.ts';

export function createDoctorCommand(context: CliContext): Command {
  return new Command('doctor')
    .description('say what is wrong with this machine, the manifest, the models and the server, and how to mend it')
    .addHelpText(
      'after',
      '\nExit code 1 when something fails; warnings do not count.\n\nExample:\n  $ scarmonit doctor --json | jq \'.findings[] | select(.status == "fail")\'',
    )
    .action(async (options: JsonOption) => {
      const findings: Finding[] = [];
      for await (const finding of examine(context)) {
        findings.push(finding);
        if (options.json !== true)
          for (const line of describeFinding(finding, context.terminal.colours)) context.terminal.print(line);
        context.signal.throwIfAborted();
      }
      const failed = findings.some(({ status }) => status === 'fail');
      if (failed) context.exitWith(exitCodes.failed);
      showResult(context, options, { ok: !failed, findings }, () => [summarize(findings)]);
    });
}

async function* examine(context: CliContext): AsyncGenerator<Finding> {
  const [{ diagnose }, { readConfig }] = await Promise.all([
    import('@scarmonit/agent-api/node/diagnose'),
    import('@scarmonit/agent-api/node/config'),
  ]);
  yield* diagnose(readConfig(context.config.env));
  yield* checkServer(context);
}

function describeFinding({ status, check, message, fix }: Finding, colours: Colours): string[] {
  const paint: Readonly<Record<FindingStatus, Colours['red']>> = {
    ok: colours.green,
    warn: colours.yellow,
    fail: colours.red,
  };
  const head = `${paint[status](status.padEnd(4))}  ${check.padEnd(8)}  ${message.replaceAll('\n', `\n${' '.repeat(16)}`)}`;
  return fix === undefined ? [head] : [head, `${' '.repeat(16)}fix: ${fix}`];
}

function summarize(findings: readonly Finding[]): string {
  const count = (wanted: FindingStatus): number => findings.filter(({ status }) => status === wanted).length;
  return `${count('ok')} ok, ${count('warn')} to look at, ${count('fail')} to mend.`;
}
