import { statfs } from 'node:fs/promises';
import { ScarmonitError } from '@scarmonit/core/errors/scarmonit-error';

/** Bytes that this process may still write to the file system of `path`. */
export async function readFreeBytes(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(path);
  return bavail * bsize;
}

/** Looks before a download whether it will fit. @throws ScarmonitError `engine_failure`, code `disk_full` */
export async function requireFreeBytes(
  folder: string,
  neededBytes: number,
  freeBytesOf: (path: string) => Promise<number>,
): Promise<void> {
  const freeBytes = await freeBytesOf(folder);
  if (freeBytes < neededBytes) throw diskFull(folder, neededBytes, freeBytes);
}

/** Whether a write failed for want of space or quota. */
export function isDiskFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT');
}

export function diskFull(folder: string, neededBytes: number, freeBytes: number, cause?: unknown): ScarmonitError {
  const needed = neededBytes > 0 ? `${formatBytes(neededBytes)} needed, ` : '';
  return new ScarmonitError(
    'engine_failure',
    `the disk of ${folder} is full: ${needed}${formatBytes(freeBytes)} free; make room or choose another data directory`,
    { code: 'disk_full', cause },
  );
}

/** In decimal units, as disks are sold: `322.6 MB`. */
function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'] as const;
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)));
  return `${Number((bytes / 1000 ** power).toFixed(1))} ${units[power]}`;
}
