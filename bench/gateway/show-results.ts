import { cpus } from 'node:os';
import type { Goal } from './goals.ts';
import { median, type Samples } from './samples.ts';

/** Two tables in Markdown: what each gateway did, and how it stands to the goals. */
export function showResults(
  samples: Samples,
  goals: readonly Goal[],
  columns: readonly string[],
  rounds: number,
): string {
  const measured = samples
    .rows()
    .map(({ what, values }) => [what, ...columns.map((column) => format(median(values.get(column) ?? [])))]);
  const judged = goals.map(({ what, goal, unit, samples: values, isMet }) => {
    const value = median(values);
    return [
      what,
      `${format(value)} ${unit}`,
      `${goal} ${unit}`,
      isMet(value) ? 'yes' : 'no',
      values.map(format).join(' '),
    ];
  });
  return [
    `${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}, medians of ${rounds} rounds`,
    table(['what', ...columns], measured),
    table(['what', 'median', 'goal', 'met', 'each round'], judged),
  ].join('\n\n');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function format(value: number): string {
  if (Number.isNaN(value)) return '';
  const decimals = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toFixed(decimals);
}
