import { formatDuration, formatNumber, formatShare, formatUsd } from '../../format/format-number.ts';

/** A goal's value in its unit, which its name tells. */
export function formatGoal(goal: string, value: number): string {
  if (goal.endsWith('Ms')) return formatDuration(value);
  if (goal.endsWith('Rps')) return `${formatNumber(value)}\u00a0req/s`;
  if (goal.endsWith('Usd')) return formatUsd(value);
  return formatShare(value);
}
