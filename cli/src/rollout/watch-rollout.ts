import { setTimeout as delay } from 'node:timers/promises';
import type { RolloutDetailView } from '@scarmonit/protocol/admin/rollout';
import type { CliContext, JsonOption } from '../cli-context.ts';
import { drawRollout, hasEnded } from './draw-rollout.ts';

const everyMs = 1000;

/**
 * Follows a rollout to its end: drawn anew each second on a terminal, elsewhere a line for each state, and with `--json`
 * a line of JSON for each state.
 * @returns as it ended
 */
export async function watchRollout(context: CliContext, id: string, { json }: JsonOption): Promise<RolloutDetailView> {
  const { terminal, signal } = context;
  const isLive = terminal.stdout.isTTY === true && json !== true;
  let drawnLines = 0;
  let shownRevision = 0;
  for (;;) {
    const rollout = await context.client().admin.findRollout(id, { signal });
    if (isLive) {
      const lines = fitTo(drawRollout(rollout, terminal.colours), terminal.stdout.columns);
      // Back to the first line that was drawn, and everything below it away.
      terminal.stdout.write(`${drawnLines === 0 ? '' : `\u001b[${drawnLines}A\u001b[J`}${lines.join('\n')}\n`);
      drawnLines = lines.length;
    } else {
      for (const state of rollout.states.filter(({ revision }) => revision > shownRevision)) {
        terminal.print(json === true ? JSON.stringify(state) : `${state.phase}: ${state.reason} (${state.decidedBy})`);
      }
      shownRevision = rollout.state.revision;
    }
    if (hasEnded(rollout)) return rollout;
    await delay(everyMs, undefined, { signal });
  }
}

/** A line that is wrapped would be two, and the drawing would creep down the screen. */
function fitTo(lines: readonly string[], columns = 80): string[] {
  const codes = 20;
  return lines.map((line) => (line.length > columns + codes ? `${line.slice(0, columns - 1)}…\u001b[0m` : line));
}
