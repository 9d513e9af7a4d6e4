const noBreak = '\u00a0';

/** At most three significant digits, thousands apart: 1,234 becomes 1,230. */
export function formatNumber(value: number): string {
  return value.toLocaleString('en', { maximumSignificantDigits: 3 });
}

/** Whole things, exactly: 1,234. Beyond a million in three digits. */
export function formatCount(value: number): string {
  if (value < 1_000_000) return value.toLocaleString('en', { maximumFractionDigits: 0 });
  return value.toLocaleString('en', { notation: 'compact', maximumSignificantDigits: 3 });
}

/** A share from 0 to 1 as percent. What is nearly all never reads as all. */
export function formatShare(share: number): string {
  const percent = share * 100;
  const rounded = percent.toLocaleString('en', { maximumSignificantDigits: 3 });
  const text = share < 1 && rounded === '100' ? percent.toFixed(2).replace('100.00', '99.99') : rounded;
  return `${text}${noBreak}%`;
}

/** A number and its unit apart, for figures that set the unit smaller. */
export interface Measure {
  readonly value: string;
  readonly unit: string;
}

/** A span of time in the largest unit that keeps it readable. */
export function measureDuration(ms: number): Measure {
  if (ms < 1000) return { value: formatNumber(ms), unit: 'ms' };
  if (ms < 60_000) return { value: formatNumber(ms / 1000), unit: 's' };
  if (ms < 3_600_000) return { value: formatNumber(ms / 60_000), unit: 'min' };
  if (ms < 86_400_000) return { value: formatNumber(ms / 3_600_000), unit: 'h' };
  return { value: formatNumber(ms / 86_400_000), unit: 'd' };
}

export function formatDuration(ms: number): string {
  const { value, unit } = measureDuration(ms);
  return `${value}${noBreak}${unit}`;
}

export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  return `${formatNumber(bytes / 1000 ** power)}${noBreak}${units[power]}`;
}

/** Dollars; what is less than a cent keeps its digits. */
export function formatUsd(usd: number): string {
  if (usd === 0) return '$0';
  return `$${usd.toLocaleString('en', { maximumSignificantDigits: 3, maximumFractionDigits: 10 })}`;
}
