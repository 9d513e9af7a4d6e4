import { dayMs, hourMs, minuteMs } from '../metrics/windows.ts';

/** `1,230`. */
export function formatCount(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** In two significant digits: `5.1 %`. */
export function formatShare(share: number): string {
  return `${Number((share * 100).toPrecision(2))} %`;
}

/** `52 times`, `1.3 times`. */
export function formatTimes(factor: number): string {
  return `${factor >= 100 ? formatCount(factor) : Number(factor.toPrecision(2))} times`;
}

const units = [
  ['day', dayMs],
  ['hour', hourMs],
  ['minute', minuteMs],
  ['second', 1_000],
] as const;

/** In the largest unit of which there are two, or one exactly: `3 days`, `90 minutes`, `1 hour`. */
export function formatDuration(durationMs: number): string {
  const [name, unitMs] =
    units.find(([, ms]) => durationMs === ms || durationMs >= 2 * ms) ?? (['second', 1_000] as const);
  const count = Math.round(durationMs / unitMs);
  return `${count} ${name}${count === 1 ? '' : 's'}`;
}

/** `last hour`, `last 5 minutes`. */
export function formatWindow(lengthMs: number): string {
  return `last ${formatDuration(lengthMs).replace(/^1 /, '')}`;
}

/** In decimal units, as disks are sold: `12.5 GB`. */
export function formatBytes(bytes: number): string {
  const names = ['B', 'kB', 'MB', 'GB', 'TB'] as const;
  const power = Math.min(names.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)));
  return `${Number((bytes / 1000 ** power).toPrecision(3))} ${names[power]}`;
}
