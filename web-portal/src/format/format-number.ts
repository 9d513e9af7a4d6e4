const noBreak = '\u00a0';

// Made once: making one costs more than a hundred uses of it.
const significant = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });
const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 });
const small = new Intl.NumberFormat('en', { maximumSignificantDigits: 3, maximumFractionDigits: 10 });

/** At most three significant digits, thousands apart: 1,234 becomes 1,230. */
export function formatNumber(value: number): string {
  return significant.format(value);
}

/** Whole things, exactly: 1,234. Beyond a million in three digits. */
export function formatCount(value: number): string {
  if (value < 1_000_000) return whole.format(value);
  return compact.format(value);
}

/** A share from 0 to 1 as percent. What is nearly all never reads as all. */
export function formatShare(share: number): string {
  const percent = share * 100;
  const rounded = significant.format(percent);
  const text = share < 1 && rounded === '100' ? percent.toFixed(2).replace('100.00', '99.99') : rounded;
  return `${text}${noBreak}%`;
}

/** A number and its unit apart, for figures that set the unit smaller. */
export interface Measure {
  readonly value: string;
  readonly unit: string;
}

const spans: readonly (readonly [limitMs: number, unitMs: number, unit: string])[] = [
  // What would be rounded up to the next unit is told in it.
  [999.5, 1, 'ms'],
  [59_950, 1000, 's'],
  [59.95 * 60_000, 60_000, 'min'],
  [23.95 * 3_600_000, 3_600_000, 'h'],
];

/** A span of time in the largest unit that keeps it readable. */
export function measureDuration(ms: number): Measure {
  const [, unitMs, unit] = spans.find(([limitMs]) => ms < limitMs) ?? [0, 86_400_000, 'd'];
  return { value: formatNumber(ms / unitMs), unit };
}

export function formatDuration(ms: number): string {
  const { value, unit } = measureDuration(ms);
  return `${value}${noBreak}${unit}`;
}

export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const rounded = Number(bytes.toPrecision(3));
  const power = rounded < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(rounded) / 3));
  return `${formatNumber(bytes / 1000 ** power)}${noBreak}${units[power]}`;
}

/** Dollars; what is less than a cent keeps its digits. */
export function formatUsd(usd: number): string {
  if (usd === 0) return '$0';
  return `$${small.format(usd)}`;
}
