import type { ArmCountsView, GateView, RolloutDetailView } from '@scarmonit/protocol/admin/rollout';
import { formatTime } from '../format-units.ts';
import type { Colours } from '../terminal.ts';

const barWidth = 30;

/** A rollout for people: where it stands, who gets the requests, and how near each gate is to its verdict. */
export function drawRollout(rollout: RolloutDetailView, colours: Colours): string[] {
  const { model, from, to, id, strategy, state, traffic, gates, counts, crashes, shadowPairs, plan } = rollout;
  const step = state.phase === 'canary' ? ` step ${state.step + 1} of ${plan.steps.length}` : '';
  const marks = [state.paused ? 'paused' : '', state.provisional ? 'provisional' : ''].filter((mark) => mark !== '');
  const widest = Math.max(0, ...gates.map((gate) => gate.id.length));
  return [
    `${colours.bold(`${model}  ${from} → ${to}`)}  ${strategy}  ${id}`,
    `  ${paintPhase(state.phase, colours)}${step}${marks.length === 0 ? '' : ` (${marks.join(', ')})`} since ${formatTime(state.since)}`,
    `  ${state.reason} (${state.decidedBy})`,
    '',
    `  traffic   ${drawBar(traffic.weight, barWidth)} ${percent(traffic.weight)} ${traffic.candidate ?? 'no candidate'}, ${percent(1 - traffic.weight)} ${traffic.stable}`,
    ...(traffic.shadow === 0 ? [] : [`  shadow    a copy of ${percent(traffic.shadow)} goes to ${traffic.candidate}`]),
    `  ${from.padEnd(9)} ${describeCounts(counts.stable)}`,
    `  ${to.padEnd(9)} ${describeCounts(counts.candidate)}${crashes === 0 ? '' : `, ${crashes} crashes`}`,
    ...(shadowPairs.pairs === 0
      ? []
      : [`  pairs     ${shadowPairs.pairs}, ${shadowPairs.agreeing} agree, ${shadowPairs.failed} failed`]),
    '',
    ...(gates.length === 0 ? ['  No goal of this model is a gate: nothing but crashes stops this rollout.'] : []),
    ...gates.map((gate) => drawGate(gate, widest, colours)),
  ];
}

/** Whether nothing more will happen to it by itself. */
export function hasEnded({ state }: Pick<RolloutDetailView, 'state'>): boolean {
  return state.phase === 'rolled-back' || state.phase === 'aborted' || (state.phase === 'active' && !state.provisional);
}

function drawGate(gate: GateView, widest: number, colours: Colours): string {
  const { id, kind, verdict, logE, threshold, exposure, required, why } = gate;
  const filled = drawBar(threshold <= 0 ? 0 : logE / threshold, barWidth);
  const proves = kind === 'non-inferiority';
  const seen = required > 0 ? `${exposure} of ${Math.ceil(required)} seen` : `${exposure} seen`;
  const word = `${verdict}${why === null ? '' : ` (${why})`}`;
  const painted = verdict === 'fail' ? colours.red(word) : verdict === 'pass' ? colours.green(word) : word;
  return `  ${id.padEnd(widest)}  ${filled} E ${scientific(logE)} of ${scientific(threshold)} to ${proves ? 'pass' : 'fail'}, ${seen}: ${painted}`;
}

/** Evidence multiplies, so the bar is logarithmic; evidence for the candidate leaves it empty. */
function drawBar(share: number, width: number): string {
  const filled = Math.round(Math.min(Math.max(share, 0), 1) * width);
  return `${'█'.repeat(filled)}${'░'.repeat(width - filled)}`;
}

function describeCounts({ requests, events }: ArmCountsView): string {
  const happened = events
    .filter((count) => count.happened > 0)
    .map(({ event, exposed, happened: count }) => `${count} ${event} (${percent(count / Math.max(exposed, 1))})`);
  return [`${requests} requests`, ...happened].join(', ');
}

function paintPhase(phase: RolloutDetailView['state']['phase'], colours: Colours): string {
  if (phase === 'rolled-back' || phase === 'aborted') return colours.red(phase);
  if (phase === 'active') return colours.green(phase);
  return phase === 'held' || phase === 'frozen' ? colours.yellow(phase) : colours.bold(phase);
}

/** e to the power of `logarithm`, which itself may be too large for a number. */
function scientific(logarithm: number): string {
  if (logarithm > -4 && logarithm < 9) return String(Number(Math.exp(logarithm).toPrecision(3)));
  return `10^${(logarithm / Math.LN10).toFixed(1)}`;
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(2))} %`;
}
