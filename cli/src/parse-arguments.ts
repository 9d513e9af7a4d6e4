import { InvalidArgumentError } from 'commander';

/** A whole number of at least 1. */
export function parseCount(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError('Give a whole number of at least 1.');
  return value;
}

/** A number of at least 0. */
export function parseAmount(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < 0)
    throw new InvalidArgumentError('Give a number of at least 0.');
  return value;
}

const unitMs: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A time to come, in milliseconds since the Unix epoch: from a span (`30d`, `12h`, `90m`) or a date (`2027-01-31`). */
export function parseExpiry(text: string, now: number = Date.now()): number {
  const span = /^(\d+)([mhd])$/.exec(text);
  const time = span === null ? Date.parse(text) : now + Number(span[1]) * (unitMs[span[2] ?? ''] ?? Number.NaN);
  if (!Number.isFinite(time) || time <= now) {
    throw new InvalidArgumentError('Give a span such as 30d, 12h or 90m, or a date to come such as 2027-01-31.');
  }
  return Math.floor(time);
}

/** For options that may be given several times. */
export function collect(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}
