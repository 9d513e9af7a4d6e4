/** `322.6 MB`: decimal units, as disks and registries count. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

/** `2026-01-31 13:05 UTC`; a dash for no time. */
export function formatTime(milliseconds: number | null): string {
  return milliseconds === null ? '-' : `${new Date(milliseconds).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
