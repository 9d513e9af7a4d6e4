import type { AlertReportView, AlertView, SilenceView } from '@scarmonit/protocol/admin/alert';
import { Command } from 'commander';
import { type CliContext, type JsonOption, showResult } from '../cli-context.ts';
import { formatTable } from '../format-table.ts';
import { formatTime } from '../format-units.ts';
import type { Colours } from '../terminal.ts';

interface ListOptions extends JsonOption {
  readonly rules?: true;
}

export function createAlertsListCommand(context: CliContext): Command {
  return new Command('list')
    .description('what fires, what is about to, and what was resolved in the last seven days')
    .option('--rules', 'what is watched, instead')
    .addHelpText('after', "\nExample:\n  $ scarmonit alerts list --json | jq -r '.firing[].summary'")
    .action(async ({ rules, json }: ListOptions) => {
      const report = await context.client().admin.listAlerts({ signal: context.signal });
      showResult(context, json === undefined ? {} : { json }, report, () =>
        rules === true ? listRules(report, context.terminal.colours) : drawReport(report, context.terminal.colours),
      );
    });
}

function drawReport(report: AlertReportView, colours: Colours): string[] {
  const { firing, pending, resolved, silences, channels, rules, evaluatedAt } = report;
  const looked = evaluatedAt === null ? 'not looked at yet' : `last looked at ${formatTime(evaluatedAt)}`;
  const told = channels.map(({ channel, target }) => `${channel} (${target})`).join(', ');
  return [
    ...(firing.length === 0 ? [colours.green('Nothing fires.')] : firing.flatMap((alert) => drawAlert(alert, colours))),
    ...pending.flatMap((alert) => drawAlert(alert, colours)),
    ...resolved.map(({ resolvedAt, title, summary }) => `resolved ${formatTime(resolvedAt)}  ${title}. ${summary}`),
    ...silences.map(drawSilence),
    `${rules.length} rules, ${looked}; told to ${told === '' ? 'nobody: set SCARMONIT_WEBHOOK_URL, SCARMONIT_SLACK_URL or SCARMONIT_SMTP_URL' : told}.`,
  ];
}

function drawAlert(alert: AlertView, { bold, red, yellow }: Colours): string[] {
  const { state, severity, title, summary, advice, rule, since, silencedBy, deliveries } = alert;
  const mark = state === 'pending' ? 'pending' : (severity === 'page' ? red : yellow)(severity);
  const problems = deliveries.flatMap(({ channel, problem }) => (problem === null ? [] : [`${channel}: ${problem}`]));
  return [
    `${mark}  ${bold(title)}  since ${formatTime(since)}${silencedBy === null ? '' : `  silenced by ${silencedBy}`}`,
    `    ${summary}`,
    ...(advice === '' ? [] : [`    ${advice}`]),
    ...(problems.length === 0 ? [] : [`    not delivered: ${problems.join('; ')}`]),
    `    ${rule}`,
  ];
}

function drawSilence({ id, rule, model, kind, reason, createdBy, until }: SilenceView): string {
  const what = [rule, model, kind].filter((matcher) => matcher !== null).join(', ');
  return `silence ${id}  ${what} until ${formatTime(until)}: ${reason} (${createdBy})`;
}

function listRules({ rules }: AlertReportView, { bold }: Colours): string[] {
  return formatTable(
    [['RULE', 'SEVERITY', 'FIRES WHEN'], ...rules.map(({ rule, severity, condition }) => [rule, severity, condition])],
    bold,
  );
}
