import type { PredictionView } from '@scarmonit/protocol/admin/prediction';
import type { Colours } from '../terminal.ts';

const columns = ['AT (UTC)', 'MODEL', 'OUTCOME', 'STATUS', 'LATENCY', 'FIRST', 'TOKENS', 'ROUTE', 'REQUEST'] as const;
/** Of a line that stands alone, whose neighbours are not known yet. */
const widths = [12, 28, 12, 6, 8, 8, 11, 20, 0] as const;

export const predictionHeadings: readonly string[] = columns;

/** A request under the {@link predictionHeadings}, with the whole time at which it began. */
export function toPredictionCells(row: PredictionView): readonly string[] {
  return [
    new Date(row.createdAt).toISOString().slice(0, 23).replace('T', ' '),
    `${row.model}@${row.version}`,
    row.outcome,
    String(row.status),
    formatDuration(row.latencyMs),
    row.firstTokenMs === null ? '-' : formatDuration(row.firstTokenMs),
    `${row.inputTokens}→${row.outputTokens}`,
    row.route,
    row.requestId,
  ];
}

/** Cells in columns of a fixed width; what is wider pushes the rest aside. */
export function alignCells(cells: readonly string[]): string {
  return cells
    .map((cell, place) => cell.padEnd(widths[place] ?? 0))
    .join(' ')
    .trimEnd();
}

/** One line of a list that goes on; what is not well is coloured. */
export function formatPrediction(row: PredictionView, { red, yellow }: Colours): string {
  const [at = '', ...cells] = toPredictionCells(row);
  // It is read as it comes: the date is today's.
  const line = alignCells([at.slice('2027-01-31 '.length), ...cells]);
  if (row.outcome === 'error' || row.outcome === 'timeout') return red(line);
  return row.outcome === 'ok' ? line : yellow(line);
}

/** `12 ms`, `1.24 s`, `95 s`. */
function formatDuration(milliseconds: number): string {
  if (milliseconds < 1_000) return `${Math.round(milliseconds)} ms`;
  return `${(milliseconds / 1_000).toFixed(milliseconds < 10_000 ? 2 : milliseconds < 60_000 ? 1 : 0)} s`;
}
